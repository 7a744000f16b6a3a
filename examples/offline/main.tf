# The same, offline: planned from a snapshot file, without credentials.

terraform {
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

provider "usersync" {
  snapshot {
    file = var.snapshot
  }
}

variable "snapshot" {
  type = string
}

data "usersync_decisions" "now" {
  connector = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users", "Fabrikam colleagues"]
  }
}

# What would verifying a domain change? Nothing is accepted, only asked.
data "usersync_decisions" "legacy_verified" {
  connector = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users", "Fabrikam colleagues"]
  }

  what_if {
    verified_domains = ["legacy.company.com"]
  }
}

output "today" {
  value = data.usersync_decisions.now.summary
}

output "with_legacy_verified" {
  value = data.usersync_decisions.legacy_verified.summary
}
