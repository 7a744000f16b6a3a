# Colleagues from fabrikam.example came by cross-tenant synchronization and are
# missing in Atlassian. "Make them guests", says support: README.md walks through
# what that changes. Copy one of steps/ beside this file as step.tf.

terraform {
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

provider "usersync" {
  entra {
    graph_endpoint = var.endpoint # only for the simulator or a proxy
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

data "usersync_directory" "now" {}

data "usersync_organization" "main" {}
