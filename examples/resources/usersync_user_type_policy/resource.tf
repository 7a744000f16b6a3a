resource "usersync_user_type_policy" "partners" {
  directory = data.usersync_directory.now.reading
  mode      = "enforce" # or "audit": nothing is written
  rules = [
    { name = "board", match = { users = ["adele.vance@fabrikam.example"] }, user_type = "Member" },
    { name = "partners are guests", match = { origin = "external", home_domains = ["fabrikam.example"] }, user_type = "Guest" },
    # To go back: { name = "restore", types = usersync_user_type_record.before.types }
  ]
  record      = usersync_user_type_record.before.id
  max_changes = 50
  wave_size   = 20
}

# Who syncs once the types are changed: the outcome of the same plan.
resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"
  scope        = { groups = ["Atlassian users"] }
  what_if      = { user_types = usersync_user_type_policy.partners.desired }
}
