resource "usersync_provisioning_attribute" "office" {
  service_principal_id = usersync_provisioning_job.atlassian.service_principal_id
  job_id               = usersync_provisioning_job.atlassian.id
  directory            = "customappsso"
  object               = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
  name                 = "urn:ietf:params:scim:schemas:extension:contoso:2.0:User:officeCode"
}

# Its row, in a mapping that comes after it and goes before it.
resource "usersync_provisioning_mapping" "office" {
  service_principal_id = usersync_provisioning_job.atlassian.service_principal_id
  job_id               = usersync_provisioning_job.atlassian.id
  object               = { source = "User", target = usersync_provisioning_attribute.office.object }
  attributes = {
    (usersync_provisioning_attribute.office.name) = { expression = "[physicalDeliveryOfficeName]" }
  }
}
