# Restart the job, by hand:
#   terraform apply -invoke=action.usersync_restart_job.now
action "usersync_restart_job" "now" {
  config {
    service_principal_id = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
    job_id               = usersync_provisioning_job.atlassian.id
    reset_scope          = ["Watermark", "Escrows", "QuarantineState"]
    start                = true
  }
}
