import {
  to = usersync_provisioning_schedule.atlassian
  id = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90/customappsso.3f1c2a605b1d4c7e9a527d0c9be01a11.0d9f1b7e-33a1-4a35-9d0e-5a1c2f6e7b88"
}
