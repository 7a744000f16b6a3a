# Who is Member and who Guest, once for a tenant: a policy, and the records of
# what people were before. Hand `desired` on to the outcome of each Atlassian
# organization: the same plan then says who syncs once the types are changed.

terraform {
  required_version = ">= 1.11"
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

resource "usersync_user_type_record" "this" {
  for_each = var.records

  directory = var.directory.reading

  match {
    users          = each.value.users
    home_domains   = each.value.home_domains
    creation_types = each.value.creation_types
    groups         = each.value.groups
    origin         = each.value.origin
  }
}

resource "usersync_user_type_policy" "this" {
  directory         = var.directory.reading
  mode              = var.mode
  record            = var.record == null ? null : usersync_user_type_record.this[var.record].id
  max_changes       = var.max_changes
  wave_size         = var.wave_size
  cross_tenant      = var.cross_tenant
  identify_users_by = var.identify_users_by

  dynamic "rule" {
    for_each = var.rules

    content {
      name      = rule.value.name
      user_type = rule.value.user_type
      types     = rule.value.restore == null ? null : usersync_user_type_record.this[rule.value.restore].types

      match {
        users          = try(rule.value.match.users, null)
        home_domains   = try(rule.value.match.home_domains, null)
        creation_types = try(rule.value.match.creation_types, null)
        groups         = try(rule.value.match.groups, null)
        origin         = try(rule.value.match.origin, null)
      }
    }
  }
}
