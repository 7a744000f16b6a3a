resource "usersync_entra_domain" "legacy" {
  domain = "legacy.company.com"
}

# With a DNS provider beside it, for instance Azure DNS:
#
#   resource "azurerm_dns_txt_record" "legacy" {
#     zone_name           = "company.com"
#     resource_group_name = "dns"
#     name                = usersync_entra_domain.legacy.verification_records[0].name
#     ttl                 = usersync_entra_domain.legacy.verification_records[0].ttl
#     record {
#       value = usersync_entra_domain.legacy.verification_records[0].value
#     }
#   }
#
# and below records = [azurerm_dns_txt_record.legacy.id], so that the
# verification waits for the record.
resource "usersync_entra_domain_verification" "legacy" {
  domain = usersync_entra_domain.legacy.domain

  timeouts = {
    create = "75m"
  }
}
