# What they are before anything changes.
resource "usersync_user_type_record" "before" {
  directory = data.usersync_directory.now.reading

  match {
    home_domains = ["fabrikam.example"]
  }
}

resource "usersync_user_type_policy" "partners" {
  directory = data.usersync_directory.now.reading
  mode      = "enforce"

  rule {
    name  = "restore"
    types = usersync_user_type_record.before.types
  }

  record      = usersync_user_type_record.before.id
  max_changes = 10
  wave_size   = 6
}

# Going back loses them in Atlassian again: that is meant.
resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users", "Fabrikam colleagues"]
  }

  guardrails {
    max_lost = 0
    on_plan  = "warn"
  }

  what_if {
    user_types = usersync_user_type_policy.partners.desired
  }
}
