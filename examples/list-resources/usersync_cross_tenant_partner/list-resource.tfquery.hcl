# terraform query -generate-config-out=partners.tf
list "usersync_cross_tenant_partner" "all" {
  provider         = usersync
  include_resource = true
}
