# What would moving from the nested-groups sync to SCIM change?
data "usersync_connectors" "to_scim" {
  from {
    connector = "atlassian_nested_groups"

    scope {
      groups = ["Atlassian users"]
    }

    connector_settings {
      entra_domains = ["company.com"]
    }
  }

  to {
    connector         = "atlassian_scim"
    service_principal = "Atlassian Cloud"
  }
}

output "groups_to_assign" {
  value = data.usersync_connectors.to_scim.groups_to_assign
}
