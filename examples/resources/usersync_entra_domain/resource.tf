resource "usersync_entra_domain" "legacy" {
  domain = "legacy.company.com"
}

# What any DNS provider needs: the TXT record stands first.
output "publish" {
  value = usersync_entra_domain.legacy.verification_records
}
