import {
  to = usersync_entra_domain_verification.legacy
  identity = {
    domain = "legacy.company.com"
  }
}
