# terraform query -generate-config-out=domains.tf
list "usersync_entra_domain" "all" {
  provider         = usersync
  include_resource = true
}
