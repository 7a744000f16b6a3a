# terraform query -generate-config-out=schedules.tf
list "usersync_provisioning_schedule" "atlassian" {
  provider         = usersync
  include_resource = true

  config {
    service_principals = ["Atlassian Cloud"]
  }
}
