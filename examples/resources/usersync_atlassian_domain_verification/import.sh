# The domain alone while the provider has one organization, else with its key.
terraform import usersync_atlassian_domain_verification.legacy legacy.company.com
terraform import usersync_atlassian_domain_verification.legacy emea/legacy.company.com
