# Why had somebody no access that day? Answered offline from a snapshot that was
# recorded then; and what changed between two days.
#
#   terraform plan -var day=2026-03-03
#
# A folder of its own, with a local state: what is accepted here is history.

terraform {
  required_version = ">= 1.11"
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

provider "usersync" {
  snapshot {
    file = "${var.snapshots}/${var.day}.json"
  }
}

variable "snapshots" {
  description = "The folder of snapshots, each named by its day."
  type        = string
  default     = "snapshots"
}

variable "day" {
  description = "The day, as the snapshot's file is named: 2026-03-03."
  type        = string
}

variable "user" {
  description = "Whose decision to explain: principal name, mail or object id."
  type        = string
}

# As they were set that day.
locals {
  connector = "atlassian_nested_groups"
  groups    = ["Atlassian users", "Fabrikam colleagues"]
}

data "usersync_directory" "then" {}

data "usersync_organization" "then" {}

data "usersync_decision" "who" {
  user      = var.user
  connector = local.connector

  scope {
    groups = local.groups
  }
}

output "who" {
  value = {
    decision    = data.usersync_decision.who.decision
    explanation = data.usersync_decision.who.explanation
    groups      = data.usersync_decision.who.groups
    trace       = [for t in data.usersync_decision.who.trace : "${t.rule}: ${t.observed}" if t.applies != false]
  }
}

# Accepted for one day, it says what another day differs in.
resource "usersync_outcome" "then" {
  directory    = data.usersync_directory.then.reading
  organization = data.usersync_organization.then.reading
  connector    = local.connector
  show         = "all"

  scope {
    groups = local.groups
  }
}
