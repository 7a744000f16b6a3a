# Two tenants in one configuration: the company's, which syncs to Atlassian, and
# a sister company's, from which people come by cross-tenant synchronization.

terraform {
  required_version = ">= 1.11"
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

provider "usersync" {
  entra {
    tenant_id      = var.company.tenant_id
    client_id      = var.company.client_id
    client_secret  = var.client_secret # without one: use_oidc = true
    graph_endpoint = var.company.endpoint
    authority_host = var.company.endpoint
  }

  organizations = {
    main = {
      organization_id = var.organization_id
      api_key         = var.api_key
      endpoint        = var.company.endpoint
    }
  }
  ca_file = var.company.ca_file
}

provider "usersync" {
  alias = "sister"

  entra {
    tenant_id      = var.sister.tenant_id
    client_id      = var.sister.client_id
    client_secret  = var.client_secret
    graph_endpoint = var.sister.endpoint
    authority_host = var.sister.endpoint
  }

  ca_file = var.sister.ca_file
}

data "usersync_directory" "company" {}

data "usersync_directory" "sister" {
  provider           = usersync.sister
  service_principals = var.decide ? [var.sister.service_principal_id] : []
}

# What the sister company writes here. on_create leaves to this tenant what
# people who are here already are.
resource "usersync_provisioning_job" "to_company" {
  provider             = usersync.sister
  service_principal_id = var.sister.service_principal_id
  template_id          = "Azure2Azure"
}

resource "usersync_provisioning_mapping" "to_company" {
  provider             = usersync.sister
  service_principal_id = var.sister.service_principal_id
  job_id               = usersync_provisioning_job.to_company.id
  object               = { source = "User", target = "User" }
  attributes           = { "userType" = { expression = "\"${var.arrive_as}\"", apply = var.apply } }
}

module "sync" {
  source = "../../modules/atlassian_sync"

  organization = "main"
  directory    = data.usersync_directory.company
  scope        = { groups = ["Atlassian users", "Fabrikam colleagues"] }
  max_lost     = 5
  max_gained   = 20

  cross_tenant = [{
    mapping   = usersync_provisioning_mapping.to_company.effective
    directory = data.usersync_directory.sister.reading
  }]
}

# The same seen from the sister company: who of it arrives, as what, and who is left
# out. It decides over a job that is there: the first apply makes it.
module "arrivals" {
  source = "../../modules/provisioned_app"
  count  = var.decide ? 1 : 0
  providers = {
    usersync = usersync.sister
  }

  directory         = data.usersync_directory.sister
  target_directory  = data.usersync_directory.company
  connector         = "cross_tenant_sync"
  service_principal = var.sister.service_principal_id
  mappings          = [usersync_provisioning_mapping.to_company.effective]
  show              = "all"
}

output "arrivals" {
  description = "Everybody in the scope of the sister company's job: as what they are here, or why they aren't."
  value       = var.decide ? jsondecode(module.arrivals[0].decisions) : {}
}

output "synced" {
  value = module.sync.summary.synced
}
