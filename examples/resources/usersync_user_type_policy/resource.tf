resource "usersync_user_type_policy" "partners" {
  directory = data.usersync_directory.now.reading
  mode      = "enforce" # or "audit": nothing is written

  rule {
    name      = "board"
    user_type = "Member"

    match {
      users = ["adele.vance@fabrikam.example"]
    }
  }

  rule {
    name      = "partners are guests"
    user_type = "Guest"

    match {
      origin       = "external"
      home_domains = ["fabrikam.example"]
    }
  }

  # To go back, instead of these:
  # rule {
  #   name  = "restore"
  #   types = usersync_user_type_record.before.types
  # }
  record      = usersync_user_type_record.before.id
  max_changes = 50
  wave_size   = 20
}

# Who syncs once the types are changed: the outcome of the same plan.
resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users"]
  }

  what_if {
    user_types = usersync_user_type_policy.partners.desired
  }
}
