# One application, or one target tenant, that a provisioning job fills: who gets in,
# and why not, within limits.

terraform {
  required_version = ">= 1.11"
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

resource "usersync_outcome" "this" {
  directory         = var.directory.reading
  read_at           = var.directory.read_at
  target_directory  = try(var.target_directory.reading, null)
  connector         = var.connector
  application       = var.application
  service_principal = var.service_principal
  watch_groups      = var.watch_groups
  show              = var.show
  identify_users_by = var.identify_users_by

  scope {
    groups   = try(var.scope.groups, null)
    everyone = try(var.scope.everyone, null)
  }

  what_if {
    members     = var.members
    mappings    = var.mappings
    running     = var.running
    assignments = var.assignments
  }

  guardrails {
    max_lost         = var.max_lost
    max_lost_percent = var.max_lost_percent
    max_left         = var.max_left
    max_left_percent = var.max_left_percent
    max_gained       = var.max_gained
    max_groups_lost  = var.max_groups_lost
    must_sync        = var.must_sync
    must_not_sync    = var.must_not_sync
    expect_skipped   = var.expect_skipped
    on_plan          = var.on_plan
    on_drift         = var.on_drift
    approve          = var.approve
    review_when      = var.review_when
  }
}
