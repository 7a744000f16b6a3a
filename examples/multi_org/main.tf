# Several Atlassian organizations of one Entra tenant: one provider, one reading
# of the directory, and a module over their keys.

terraform {
  required_version = ">= 1.11"
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

# Credentials of the tenant come from ARM_TENANT_ID, ARM_CLIENT_ID and so on.
provider "usersync" {
  entra {
    graph_endpoint = var.endpoint # only for the simulator or a proxy
    authority_host = var.endpoint
  }

  organizations = {
    for key, o in var.organizations : key => {
      organization_id = o.organization_id
      api_key         = var.api_keys[key]
      endpoint        = var.endpoint
    }
  }
  ca_file = var.ca_file
}

data "usersync_directory" "now" {}

# Once for the tenant, whatever the number of organizations.
module "user_types" {
  source = "../modules/user_types"

  directory = data.usersync_directory.now
  mode      = var.user_types_mode
  rules = [
    { name = "partners are guests", match = { origin = "external", home_domains = var.partner_domains }, user_type = "Guest" },
  ]
  records = { partners = { home_domains = var.partner_domains } }
  record  = "partners"
}

module "sync" {
  source   = "../modules/atlassian_sync"
  for_each = var.organizations

  organization = each.key
  directory    = data.usersync_directory.now
  scope        = { groups = each.value.groups }
  user_types   = module.user_types.desired
  domains      = each.value.domains

  max_lost     = each.value.max_lost
  max_gained   = each.value.max_gained
  must_sync    = each.value.must_sync
  watch_groups = each.value.watch_groups
}
