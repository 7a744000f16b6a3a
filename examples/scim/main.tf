# Who is in Atlassian after the next cycle of a SCIM job, decided from both sides:
# what Entra's provisioning service would send, and what Atlassian holds already.

terraform {
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

# Credentials come from ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET and
# ATLASSIAN_ORGANIZATION_ID, ATLASSIAN_API_KEY, ATLASSIAN_SCIM_DIRECTORY_ID,
# ATLASSIAN_SCIM_TOKEN. The endpoints are only for the simulator or a proxy.
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

variable "scim_url" {
  description = "The SCIM directory's address, as Atlassian shows it."
  type        = string
}

variable "scim_token" {
  description = "The SCIM directory's API key."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "scim_token_version" {
  description = "Raise it when the key is a new one."
  type        = number
  default     = 1
}

# Atlassian's SCIM keys expire after a year, and no mail says so.
resource "usersync_provisioning_secret" "key" {
  service_principal_id = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
  credentials = {
    BaseAddress = var.scim_url
    SecretToken = var.scim_token
  }
  credentials_version = var.scim_token_version
  expires_on          = "2030-01-31"
}

data "usersync_directory" "now" {
  service_principals = ["Atlassian Cloud"]
}

data "usersync_organization" "main" {
  accounts     = true # whose account is deactivated, who holds an address, which group names are taken
  scim_records = true # who was provisioned, as what, linked to an account or not
}

resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_scim"

  guardrails {
    max_lost   = 5
    max_gained = 20
    must_sync  = ["james.whitaker@company.com"]
  }
}

output "why" {
  description = "One user explained, with fixes that the engine has tried."
  value = provider::usersync::explain(
    data.usersync_directory.now.reading,
    data.usersync_organization.main.reading,
    usersync_outcome.guard.settings,
    "james.whitaker@company.com",
  )
  sensitive = true
}
