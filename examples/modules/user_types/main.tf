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
  match     = each.value
}

resource "usersync_user_type_policy" "this" {
  directory = var.directory.reading
  mode      = var.mode
  rules = [
    for r in var.rules : {
      name      = r.name
      match     = r.match
      user_type = r.user_type
      types     = r.restore == null ? null : usersync_user_type_record.this[r.restore].types
    }
  ]
  record       = var.record == null ? null : usersync_user_type_record.this[var.record].id
  max_changes  = var.max_changes
  wave_size    = var.wave_size
  cross_tenant = var.cross_tenant
  names        = var.names
}
