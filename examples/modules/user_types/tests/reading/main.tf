# The directory, read once for the tests, as a configuration does it.

terraform {
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

data "usersync_directory" "now" {}

output "directory" {
  value     = data.usersync_directory.now
  sensitive = true
}
