# The directory, read once for the tests, as a configuration does it.

terraform {
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

data "usersync_directory" "now" {
  service_principals = ["Atlassian Cloud"]
}

output "directory" {
  value     = data.usersync_directory.now
  sensitive = true
}
