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
  taken_at          = var.directory.taken_at
  organization      = data.usersync_organization.this.reading
  connector         = var.connector
  scope             = var.scope
  service_principal = var.service_principal
  entra_domains     = var.entra_domains
  connector_rules   = var.connector_rules

  what_if = {
    user_types       = var.user_types
    verified_domains = distinct(concat(module.domains.verified_domains, var.verified_domains))
    members          = var.members
    mappings         = var.mappings
    cross_tenant     = var.cross_tenant
  }

  guardrails = {
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

  watch_groups = var.watch_groups
  list         = var.list
  names        = var.names
}
