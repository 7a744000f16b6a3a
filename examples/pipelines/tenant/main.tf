# What the pipelines run: one tenant, one Atlassian organization.

terraform {
  required_version = ">= 1.11"
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
  # A backend that encrypts, and that only the pipeline and its reviewers can
  # read: the state names people.
}

# Live, credentials come from the environment: ARM_TENANT_ID, ARM_CLIENT_ID and
# an OIDC token of the pipeline's; ATLASSIAN_ORGANIZATION_ID, ATLASSIAN_API_KEY.
# With a snapshot nothing of it is needed.
provider "usersync" {
  ca_file = var.ca_file

  entra {
    graph_endpoint = var.endpoint # only for the simulator or a proxy
    authority_host = var.endpoint
  }

  snapshot {
    file = var.snapshot != null ? var.snapshot : var.record
    mode = var.snapshot != null ? "read" : var.record != null ? "record" : null
  }
}

variable "snapshot" {
  description = "Plan from this file, offline."
  type        = string
  default     = null
}

variable "record" {
  description = "Plan live, and record what was read to this file: history, and what offline plans start from. It names people."
  type        = string
  default     = null
}

variable "endpoint" {
  type    = string
  default = null
}

variable "ca_file" {
  type    = string
  default = null
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
    max_gained = 20 # hires included: more at once are for a person
    must_sync  = ["amara.okafor@company.com"]
  }
}

# The page that the pipelines keep. It takes the changes through a local: a data
# source that names a resource with changes would be read after the apply.
locals {
  changes = usersync_outcome.guard.changes_json
}

data "usersync_report" "page" {
  connector = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users", "Fabrikam colleagues"]
  }

  changes_json = local.changes
  path         = "report.html"
}

output "synced" {
  value = usersync_outcome.guard.summary.synced
}
