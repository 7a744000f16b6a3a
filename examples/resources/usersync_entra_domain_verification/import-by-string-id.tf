import {
  to = usersync_entra_domain_verification.legacy
  id = "legacy.company.com"
}
