# Who will sync to Atlassian, and why: the whole tenant, one connector.

terraform {
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

# Credentials come from ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET and
# ATLASSIAN_ORGANIZATION_ID, ATLASSIAN_API_KEY. The endpoints are only for the
# simulator or a proxy: leave them out for a real tenant.
provider "usersync" {
  entra {
    graph_endpoint = var.endpoint
    authority_host = var.endpoint
  }

  ca_file = var.ca_file
}

variable "endpoint" {
  type    = string
  default = null
}

variable "ca_file" {
  type    = string
  default = null
}

variable "explain_user" {
  description = "Whose decision to explain: principal name, mail or object id."
  type        = string
  default     = "adele.vance@fabrikam.example"
}

data "usersync_directory" "now" {}

data "usersync_organization" "main" {}

resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users", "Fabrikam colleagues"]
  }

  guardrails {
    max_lost   = 5
    max_gained = 20
    must_sync  = ["amara.okafor@company.com"]
  }

  watch_groups = ["jira-*"]
}

output "summary" {
  value = usersync_outcome.guard.summary
}

output "why" {
  description = "One user explained, with fixes that the engine has tried."
  value = provider::usersync::explain(
    data.usersync_directory.now.reading,
    data.usersync_organization.main.reading,
    usersync_outcome.guard.settings,
    var.explain_user,
  )
  sensitive = true
}
