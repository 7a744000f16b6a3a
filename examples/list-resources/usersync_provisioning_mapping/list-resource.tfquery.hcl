# terraform query -generate-config-out=mappings.tf
list "usersync_provisioning_mapping" "atlassian" {
  provider         = usersync
  include_resource = true

  config {
    service_principals = ["Atlassian Cloud"]
  }
}
