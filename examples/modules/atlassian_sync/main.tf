# One Atlassian organization: who will sync to it, and why, within limits; and
# the domains that the organization should have verified.
#
# Don't give the module a depends_on: the CLI would put the reading of the
# organization off to apply, and the plan couldn't say who syncs.

terraform {
  required_version = ">= 1.11"
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

data "usersync_organization" "this" {
  organization = var.organization
  accounts     = var.accounts
  scim_records = var.scim_records
}

module "domains" {
  source = "../verified_domains"

  organization = var.organization
  domains      = var.domains
  records      = var.domain_records
  check_dns    = var.check_dns
  timeout      = var.domain_timeout
}

resource "usersync_outcome" "this" {
  directory         = var.directory.reading
  read_at           = var.directory.read_at
  organization      = data.usersync_organization.this.reading
  connector         = var.connector
  service_principal = var.service_principal
  watch_groups      = var.watch_groups
  show              = var.show
  identify_users_by = var.identify_users_by

  scope {
    groups   = try(var.scope.groups, null)
    everyone = try(var.scope.everyone, null)
  }

  connector_settings {
    user_identifier       = try(var.connector_settings.user_identifier, null)
    entra_domains         = try(var.connector_settings.entra_domains, null)
    claim_accounts        = try(var.connector_settings.claim_accounts, null)
    sync                  = try(var.connector_settings.sync, null)
    default_access_groups = try(var.connector_settings.default_access_groups, null)
    relinked              = try(var.connector_settings.relinked, null)
    external_users        = try(var.connector_settings.external_users, null)
  }

  what_if {
    user_types       = var.user_types
    verified_domains = distinct(concat(module.domains.verified_domains, var.verified_domains))
    members          = var.members
    mappings         = var.mappings
    running          = var.running
    cross_tenant     = var.cross_tenant
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
