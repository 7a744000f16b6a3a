terraform {
  required_version = ">= 1.11"
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

# From the environment: ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET;
# ATLASSIAN_ORGANIZATION_ID and ATLASSIAN_API_KEY.
provider "usersync" {}

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
