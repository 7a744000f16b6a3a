import {
  to = usersync_entra_domain.legacy
  identity = {
    domain = "legacy.company.com"
  }
}
