# Cross-tenant synchronization, in the source tenant: whom the target gets, and
# as what. The partner's people arrive as guests, and stay so.

terraform {
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

provider "usersync" {} # the source tenant, from ARM_* variables

variable "service_principal_id" {
  type        = string
  description = "The enterprise application of cross-tenant synchronization."
}

variable "target_tenant_id" {
  type = string
}

variable "decide" {
  description = "Whether the job is there, so that an outcome can decide over it: the first apply makes it."
  type        = bool
  default     = false
}

resource "usersync_provisioning_job" "target" {
  service_principal_id = var.service_principal_id
  template_id          = "Azure2Azure"
}

resource "usersync_provisioning_secret" "target" {
  service_principal_id = var.service_principal_id
  job_id               = usersync_provisioning_job.target.id
  credentials = {
    AuthenticationType = "SyncPolicy"
    CompanyId          = var.target_tenant_id
  }
  credentials_version = 1
}

resource "usersync_provisioning_mapping" "users" {
  service_principal_id = var.service_principal_id
  job_id               = usersync_provisioning_job.target.id
  object               = { source = "User", target = "User" }
  actions              = ["create", "update", "delete"]
  attributes = {
    # on_create: a conversion in the target tenant isn't written back.
    "userType"    = { expression = "\"Guest\"", apply = "on_create" }
    "displayName" = { expression = "[displayName]" }
    "department"  = { expression = "[department]" }
  }
  scoping_filter = {
    any_of = [
      { name = "engineers", all_of = [{ attribute = "department", operator = "EQUALS", values = ["Engineering"] }] },
    ]
  }
}

resource "usersync_provisioning_schedule" "target" {
  service_principal_id = var.service_principal_id
  job_id               = usersync_provisioning_job.target.id
  start_after          = [usersync_provisioning_mapping.users.id, usersync_provisioning_secret.target.id]
}

data "usersync_directory" "now" {
  service_principals = var.decide ? [var.service_principal_id] : []
  attributes         = ["displayName", "department"]
}

# Who comes to the target tenant, as Member or Guest, and who is left out: external
# users, internal guests, people without a mail on a verified domain.
resource "usersync_outcome" "target" {
  count = var.decide ? 1 : 0

  directory         = data.usersync_directory.now.reading
  connector         = "cross_tenant_sync"
  service_principal = var.service_principal_id

  what_if {
    mappings = [usersync_provisioning_mapping.users.effective]
    running  = usersync_provisioning_schedule.target.starts
  }

  guardrails {
    max_lost = 10
  }
}
