data "usersync_cross_tenant_partners" "all" {
  domains = ["fabrikam.example"]
}

# Who may synchronize users into this tenant.
output "may_synchronize" {
  value = [for p in data.usersync_cross_tenant_partners.all.partners : p.tenant_id if p.inbound_user_sync == true]
}

output "fabrikam" {
  value = data.usersync_cross_tenant_partners.all.tenants["fabrikam.example"]
}
