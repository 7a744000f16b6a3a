resource "usersync_provisioning_schedule" "atlassian" {
  service_principal_id = usersync_provisioning_job.atlassian.service_principal_id
  job_id               = usersync_provisioning_job.atlassian.id

  # No cycle runs before these are in place.
  start_after = [
    usersync_provisioning_mapping.users.id,
    usersync_provisioning_secret.atlassian.id,
  ]

  # Restarts the job when the value changes: a way in for CLIs without actions.
  restart_triggers = { credentials = usersync_provisioning_secret.atlassian.credentials_version }
}
