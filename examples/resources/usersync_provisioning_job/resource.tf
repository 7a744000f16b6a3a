# The service principal comes from azuread, for instance from its gallery template.
resource "usersync_provisioning_job" "atlassian" {
  service_principal_id = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
  template_id          = "customappsso"
}
