# The values aren't listed: no API gives them.
# terraform query -generate-config-out=secrets.tf
list "usersync_provisioning_secret" "atlassian" {
  provider         = usersync
  include_resource = true

  config {
    service_principals = ["Atlassian Cloud"]
  }
}
