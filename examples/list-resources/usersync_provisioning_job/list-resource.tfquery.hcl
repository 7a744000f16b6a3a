# terraform query -generate-config-out=jobs.tf
list "usersync_provisioning_job" "atlassian" {
  provider         = usersync
  include_resource = true

  config {
    service_principals = ["Atlassian Cloud"]
  }
}
