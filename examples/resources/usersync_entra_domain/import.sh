terraform import usersync_entra_domain.legacy legacy.company.com
