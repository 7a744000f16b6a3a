# What the source tenant writes. In its own configuration this is the attribute
# "effective" of its usersync_provisioning_mapping.
locals {
  source = {
    home_domains = ["fabrikam.example"]
    mapping = jsonencode({
      version    = 1, manage = "listed", object = { source = "User", target = "User" }
      attributes = { userType = { expression = "\"Member\"", apply = "always" } }
    })
  }
}

# What they are before anything changes.
resource "usersync_user_type_record" "before" {
  directory = data.usersync_directory.now.reading

  match {
    home_domains = ["fabrikam.example"]
  }
}

resource "usersync_user_type_policy" "partners" {
  directory = data.usersync_directory.now.reading
  mode      = "enforce"

  rule {
    name      = "partners are guests"
    user_type = "Guest"

    match {
      origin       = "external"
      home_domains = ["fabrikam.example"]
    }
  }

  record       = usersync_user_type_record.before.id
  max_changes  = 10
  wave_size    = 6
  cross_tenant = [local.source]
}

resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users", "Fabrikam colleagues"]
  }

  guardrails {
    max_lost = 0
  }

  what_if {
    user_types   = usersync_user_type_policy.partners.desired
    cross_tenant = [local.source]
  }
}
