# Who syncs today.
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
