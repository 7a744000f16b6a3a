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
    use_cli = true # "az login" says who asks, and of which tenant
  }

  organizations = {
    main = {
      # As admin.atlassian.com shows them: Settings, Domains.
      verified_domains = ["company.com", "eng.company.com", "bücher.example"]
    }
  }
}

data "usersync_directory" "now" {}

data "usersync_organization" "main" {}

resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users", "Fabrikam colleagues"] # the groups that are selected for the sync
  }
}
