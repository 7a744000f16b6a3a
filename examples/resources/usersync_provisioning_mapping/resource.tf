resource "usersync_provisioning_mapping" "users" {
  service_principal_id = usersync_provisioning_job.atlassian.service_principal_id
  job_id               = usersync_provisioning_job.atlassian.id
  object               = { source = "User", target = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User" }
  actions              = ["create", "update", "delete"]
  attributes = {
    "externalId"                     = { expression = "[objectId]", matching_priority = 1 }
    "userName"                       = { expression = "[originalUserPrincipalName]" }
    "emails[type eq \"work\"].value" = { expression = "Coalesce([mail], [userPrincipalName])" }
    "displayName"                    = { expression = "Join(\" \", [givenName], [surname])", apply = "on_create" }
  }
  scoping_filter = {
    any_of = [
      { name = "staff", all_of = [{ attribute = "department", operator = "IS NOT NULL" }] },
    ]
  }

  # Optional: warns of attributes that would stay empty for many.
  directory = data.usersync_directory.now.reading
}

data "usersync_directory" "now" {
  attributes         = ["department", "givenName", "surname"]
  service_principals = ["Atlassian Cloud"]
}

# What the edited mapping changes: the outcome of the same plan.
data "usersync_organization" "main" {}

resource "usersync_outcome" "atlassian" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_scim"

  what_if {
    mappings = [usersync_provisioning_mapping.users.effective]
  }
}
