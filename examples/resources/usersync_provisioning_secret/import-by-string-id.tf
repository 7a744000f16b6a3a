import {
  to = usersync_provisioning_secret.atlassian
  id = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
}
