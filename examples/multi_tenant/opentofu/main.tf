# Any number of tenants from one map: OpenTofu's for_each on a provider block.
# Terraform has none; see ../aliases.

terraform {
  required_version = ">= 1.11"
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

provider "usersync" {
  alias    = "by_tenant"
  for_each = var.tenants

  entra {
    tenant_id      = each.value.tenant_id
    client_id      = each.value.client_id
    client_secret  = var.client_secret # without one: use_oidc = true
    graph_endpoint = each.value.endpoint
    authority_host = each.value.endpoint
  }

  organizations = {
    main = {
      organization_id = each.value.organization_id
      api_key         = var.api_keys[each.key]
      endpoint        = each.value.endpoint
    }
  }
  ca_file = each.value.ca_file
}

locals {
  # A tenant is taken out in two steps: first active = false, which removes what
  # is managed there, then its entry. The provider must outlive its resources.
  active = { for key, t in var.tenants : key => t if t.active }
}

data "usersync_directory" "now" {
  for_each = local.active
  provider = usersync.by_tenant[each.key]
}

module "sync" {
  source   = "../../modules/atlassian_sync"
  for_each = local.active
  providers = {
    usersync = usersync.by_tenant[each.key]
  }

  organization = "main"
  directory    = data.usersync_directory.now[each.key]
  scope        = { groups = each.value.groups }
  max_lost     = each.value.max_lost
  max_gained   = each.value.max_gained
}

output "synced" {
  value = { for key, o in module.sync : key => o.summary.synced }
}
