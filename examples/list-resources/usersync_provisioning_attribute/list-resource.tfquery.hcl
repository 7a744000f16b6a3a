# terraform query -generate-config-out=attributes.tf
list "usersync_provisioning_attribute" "atlassian" {
  provider         = usersync
  include_resource = true

  config {
    service_principals = ["Atlassian Cloud"]
  }
}
