# Domains verified on both sides: in the Entra tenant, and in an Atlassian
# organization. The DNS records are outputs: publish them with the provider of
# your zones, and hand their ids back as `records`, so that the verifications
# wait for them.

terraform {
  required_version = ">= 1.11"
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

locals {
  in_entra     = { for name, d in var.domains : name => d if d.entra }
  in_atlassian = { for name, d in var.domains : name => d if d.atlassian }
}

resource "usersync_entra_domain" "this" {
  for_each = local.in_entra

  domain = each.key
  zone   = each.value.zone
}

resource "usersync_entra_domain_verification" "this" {
  for_each = local.in_entra

  domain    = usersync_entra_domain.this[each.key].domain
  records   = lookup(var.records, each.key, null)
  check_dns = var.check_dns
  timeouts  = { create = var.timeout, update = var.timeout }
}

resource "usersync_atlassian_domain_verification" "this" {
  for_each = local.in_atlassian

  organization = var.organization
  domain       = each.key
  token        = each.value.token
  zone         = each.value.zone
  records      = lookup(var.records, each.key, null)
  wait         = each.value.wait
  check_dns    = var.check_dns
  timeouts     = { create = var.timeout, update = var.timeout }
}
