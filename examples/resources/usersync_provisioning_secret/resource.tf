variable "atlassian_scim_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "usersync_provisioning_secret" "atlassian" {
  service_principal_id = usersync_provisioning_job.atlassian.service_principal_id
  job_id               = usersync_provisioning_job.atlassian.id
  credentials = {
    BaseAddress = "https://api.atlassian.com/scim/directory/11111111-2222-4333-8444-555555555555"
    SecretToken = var.atlassian_scim_token
  }
  credentials_version = 1 # another value writes the credentials again
  sync_all            = false
  notifications       = { enabled = true, email = "identity@company.com", delete_threshold = 500 }
}
