# The tenant as it was recorded and reviewed. Nothing of it reaches the state or
# the plan file but the decisions.
ephemeral "usersync_directory" "pinned" {
  file   = "tenant.json"
  sha256 = "3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8551"
}

data "usersync_organization" "main" {}

resource "usersync_outcome" "guard" {
  directory    = ephemeral.usersync_directory.pinned.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users"]
  }

  identify_users_by = "id"
}
