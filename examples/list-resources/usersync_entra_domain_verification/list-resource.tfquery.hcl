# terraform query -generate-config-out=verifications.tf
list "usersync_entra_domain_verification" "all" {
  provider         = usersync
  include_resource = true
}
