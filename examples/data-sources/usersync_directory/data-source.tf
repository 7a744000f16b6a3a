# The whole tenant.
data "usersync_directory" "now" {}

# Only what is below a group, with an attribute that a mapping or filter uses.
data "usersync_directory" "atlassian" {
  groups     = ["Atlassian users"]
  attributes = ["department"]
}
