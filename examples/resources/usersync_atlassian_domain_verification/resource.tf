# The token is the one that admin.atlassian.com shows for the TXT record.
resource "usersync_atlassian_domain_verification" "legacy" {
  domain = "legacy.company.com"
  token  = "Ca8lQj7CZBexampleexampleexampleexampleexample"
}

# Publish it with any DNS provider: name, type, value and ttl are known when
# planning.
output "publish" {
  value = usersync_atlassian_domain_verification.legacy.verification_records
}

# Who syncs once it is verified is in the same plan.
data "usersync_directory" "now" {}
data "usersync_organization" "main" {}

resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"
  scope        = { everyone = true }

  what_if = {
    verified_domains = usersync_atlassian_domain_verification.legacy.verified_domains
  }
}
