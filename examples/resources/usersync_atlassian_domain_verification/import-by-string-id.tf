import {
  to = usersync_atlassian_domain_verification.legacy
  id = "legacy.company.com"
}
