# terraform query -generate-config-out=claims.tf
list "usersync_atlassian_domain_verification" "main" {
  provider         = usersync
  include_resource = true

  config {
    organization = "main"
  }
}
