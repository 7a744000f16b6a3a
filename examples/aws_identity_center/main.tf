# AWS IAM Identity Center, end to end: its provisioning job with credentials,
# mapping and schedule, and who gets in, and why not.
#
# An outcome decides over a job that is there. The first apply makes the job; from
# then on decide = true.

terraform {
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

# Credentials come from ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET. The
# endpoint is only for the simulator or a proxy.
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

variable "service_principal_id" {
  description = "The enterprise application AWS IAM Identity Center."
  type        = string
}

variable "scim_endpoint" {
  description = "Settings, Automatic provisioning, SCIM endpoint, without the slash at its end."
  type        = string
}

variable "scim_token" {
  description = "The access token that AWS showed once. It expires after a year."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "scim_token_version" {
  description = "Raise it when the token is a new one."
  type        = number
  default     = 1
}

variable "decide" {
  description = "Whether the job is there, so that an outcome can decide over it."
  type        = bool
  default     = false
}

variable "access_requests" {
  description = "Groups and users who are to be assigned: the plan shows who of them gets in before anybody is."
  type        = map(string)
  default     = {}
}

resource "usersync_provisioning_job" "aws" {
  service_principal_id = var.service_principal_id
  template_id          = "customappsso"
}

resource "usersync_provisioning_secret" "aws" {
  service_principal_id = var.service_principal_id
  job_id               = usersync_provisioning_job.aws.id
  credentials = {
    BaseAddress = var.scim_endpoint
    SecretToken = var.scim_token
  }
  credentials_version = var.scim_token_version
  expires_on          = "2030-01-31"
}

# AWS requires a first name, a last name, a display name and a userName, and takes
# one telephone number.
resource "usersync_provisioning_mapping" "users" {
  service_principal_id = var.service_principal_id
  job_id               = usersync_provisioning_job.aws.id
  object               = { source = "User", target = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User" }
  actions              = ["create", "update", "delete"]
  manage               = "all"
  adopt                = true
  attributes = {
    "userName"                       = { expression = "[userPrincipalName]", matching_priority = 1 }
    "active"                         = { expression = "Not([IsSoftDeleted])" }
    "displayName"                    = { expression = "[displayName]" }
    "name.givenName"                 = { expression = "Coalesce([givenName], [displayName])" }
    "name.familyName"                = { expression = "[surname]" }
    "emails[type eq \"work\"].value" = { expression = "[mail]" }
    "externalId"                     = { expression = "[mailNickname]" }
  }
}

resource "usersync_provisioning_schedule" "aws" {
  service_principal_id = var.service_principal_id
  job_id               = usersync_provisioning_job.aws.id
  start_after          = [usersync_provisioning_mapping.users.id, usersync_provisioning_secret.aws.id]
}

data "usersync_directory" "now" {
  service_principals = var.decide ? [var.service_principal_id] : []
  attributes         = ["displayName", "givenName", "surname", "mailNickname"]
}

resource "usersync_outcome" "aws" {
  count = var.decide ? 1 : 0

  directory         = data.usersync_directory.now.reading
  connector         = "scim"
  application       = "aws_iam_identity_center"
  service_principal = var.service_principal_id

  what_if {
    mappings    = [usersync_provisioning_mapping.users.effective]
    running     = usersync_provisioning_schedule.aws.starts
    assignments = var.access_requests
  }

  guardrails {
    max_lost         = 5
    max_gained       = 50
    max_left_percent = 10
  }
}

output "left_out" {
  description = "Who is in scope and doesn't get in, with the rule that keeps them out."
  value       = var.decide ? jsondecode(usersync_outcome.aws[0].decisions) : {}
}
