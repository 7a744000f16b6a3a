data "usersync_organization" "main" {
  organization = "main"
}
