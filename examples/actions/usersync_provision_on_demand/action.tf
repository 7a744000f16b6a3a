# Try a mapping on two people and a group with one of its members:
#   terraform apply -invoke=action.usersync_provision_on_demand.pilot
action "usersync_provision_on_demand" "pilot" {
  config {
    service_principal_id = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
    job_id               = usersync_provisioning_job.atlassian.id
    users                = ["adele.vance@company.com", "lee.gu@company.com"]
    groups = [{
      id      = "c1b3f1c4-5a1d-4a55-9d2e-0d7a8f6e4b21"
      members = ["7d0a3f1e-2b4c-4d5e-8f90-1a2b3c4d5e6f"]
    }]
  }
}

# Or whenever the mapping has changed:
resource "terraform_data" "mapping" {
  input = usersync_provisioning_mapping.users.effective

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.usersync_provision_on_demand.pilot]
    }
  }
}
