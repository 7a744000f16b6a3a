# What they are before anything changes.
resource "usersync_user_type_record" "before" {
  directory = data.usersync_directory.now.reading

  match {
    home_domains = ["fabrikam.example"]
  }
}

# Nothing is written: violations says who differs.
resource "usersync_user_type_policy" "partners" {
  directory = data.usersync_directory.now.reading
  mode      = "audit"

  rule {
    name      = "partners are guests"
    user_type = "Guest"

    match {
      origin       = "external"
      home_domains = ["fabrikam.example"]
    }
  }

  record      = usersync_user_type_record.before.id
  max_changes = 10
  wave_size   = 6
}

resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users", "Fabrikam colleagues"]
  }

  guardrails {
    max_lost = 0
  }
}

# Who would sync if it were enforced, without accepting it.
locals {
  wanted = usersync_user_type_policy.partners.desired # so that it is read at plan
}

data "usersync_decisions" "enforced" {
  connector = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users", "Fabrikam colleagues"]
  }

  what_if {
    user_types = local.wanted
  }
}

output "by_reason_if_enforced" {
  value = data.usersync_decisions.enforced.summary.by_reason
}
