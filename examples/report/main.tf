# Who syncs and why, for people, and whether the prediction was right.

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

locals {
  connector = "atlassian_nested_groups"
  groups    = ["Atlassian users", "Fabrikam colleagues"]
}

data "usersync_reconciliation" "now" {
  connector = local.connector

  scope {
    groups = local.groups
  }
}

# The page names people: it has mode 0600, and isn't for the repository.
data "usersync_report" "page" {
  connector      = local.connector
  reconciliation = true
  path           = "who-syncs.html"

  scope {
    groups = local.groups
  }
}

output "report" {
  value = {
    summary     = data.usersync_report.page.summary
    html_sha256 = data.usersync_report.page.html_sha256
  }
}

output "agreement" {
  value = data.usersync_reconciliation.now.agreement
}

output "mismatches" {
  value = jsondecode(data.usersync_reconciliation.now.mismatches)
}

output "calibration" {
  value = data.usersync_reconciliation.now.calibration
}

# For a comment in the pull request: terraform output -raw markdown
output "markdown" {
  value     = data.usersync_report.page.markdown
  sensitive = true
}
