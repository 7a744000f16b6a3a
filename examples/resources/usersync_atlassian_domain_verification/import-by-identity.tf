import {
  to = usersync_atlassian_domain_verification.legacy
  identity = {
    domain = "legacy.company.com"
  }
}
