# The SCIM connector's mapping as code: the job that runs already is taken over,
# and every edit of the mapping shows in the plan who changes, and how.

terraform {
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

provider "usersync" {
  entra {
    graph_endpoint = var.endpoint # only for the simulator or a proxy
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

variable "service_principal_id" {
  type    = string
  default = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
}

variable "job_id" {
  type    = string
  default = "customappsso.3f1c2a605b1d4c7e9a527d0c9be01a11.0d9f1b7e-33a1-4a35-9d0e-5a1c2f6e7b88"
}

locals {
  target = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
}

data "usersync_directory" "now" {
  attributes         = ["givenName", "surname"]
  service_principals = [var.service_principal_id]
}

data "usersync_organization" "main" {}

import {
  to = usersync_provisioning_mapping.users
  id = "${var.service_principal_id}/${var.job_id}/USER_OUTBOUND_USER/User/${local.target}"
}

resource "usersync_provisioning_mapping" "users" {
  service_principal_id = var.service_principal_id
  job_id               = var.job_id
  object               = { source = "User", target = local.target }
  actions              = ["create", "update", "delete"]
  attributes = {
    "userName"                       = { expression = "[userPrincipalName]", matching_priority = 1 }
    "active"                         = { expression = "Not([IsSoftDeleted])" }
    "externalId"                     = { expression = "[objectId]" }
    "emails[type eq \"work\"].value" = { expression = "[mail]" }
  }
}

resource "usersync_outcome" "atlassian" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  read_at      = data.usersync_directory.now.read_at
  connector    = "atlassian_scim"

  what_if {
    mappings = [usersync_provisioning_mapping.users.effective]
  }
}

# What the target would receive for some users. The values are personal data:
# nonsensitive() shows them in the plan.
locals {
  planned = usersync_provisioning_mapping.users.effective # so that it is read at plan
}

data "usersync_mapping_preview" "some" {
  service_principal = var.service_principal_id
  users             = ["kenji.mori_partner.example#EXT#@company.onmicrosoft.com", "clara.jensen@company.com"]
  mappings          = [local.planned]
}

output "values" {
  value = jsondecode(nonsensitive(data.usersync_mapping_preview.some.values))
}
