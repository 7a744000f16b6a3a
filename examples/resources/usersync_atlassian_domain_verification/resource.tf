# The token is the one that admin.atlassian.com shows for the TXT record. This
# instance doesn't wait: it gives the record to publish, with any DNS provider.
resource "usersync_atlassian_domain_verification" "record" {
  domain = "legacy.company.com"
  token  = "Ca8lQj7CZBexampleexampleexampleexampleexample"
  wait   = false
}

output "publish" {
  value = usersync_atlassian_domain_verification.record.verification_records
}

# This one waits until the organization lists the domain as verified; records
# are the ids of what the DNS provider made.
resource "usersync_atlassian_domain_verification" "legacy" {
  domain  = "legacy.company.com"
  records = []
}

# Who syncs once it is verified is in the same plan.
data "usersync_directory" "now" {}
data "usersync_organization" "main" {}

resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"

  scope {
    everyone = true
  }

  what_if {
    verified_domains = usersync_atlassian_domain_verification.legacy.verified_domains
  }
}
