import {
  to = usersync_entra_domain.legacy
  id = "legacy.company.com"
}
