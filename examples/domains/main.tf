# A domain verified in the Atlassian organization, and in the same plan whom
# that lets in.

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

variable "domains" {
  description = "The domains to verify, as the module takes them: { \"legacy.company.com\" = { token = \"…\", entra = false } }."
  type = map(object({
    token = optional(string)
    entra = optional(bool, true)
  }))
  default = {}
}

module "domains" {
  source = "../modules/verified_domains"

  domains = var.domains

  # With a DNS provider: records = { for name, r in aws_route53_record.atlassian : name => [r.id] },
  # each made from module.domains.dns_records[name].atlassian.
}

data "usersync_directory" "now" {}

data "usersync_organization" "main" {}

resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users"]
  }

  what_if {
    verified_domains = module.domains.verified_domains
  }
}

output "dns_records" {
  value = module.domains.dns_records
}
