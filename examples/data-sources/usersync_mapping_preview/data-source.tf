data "usersync_mapping_preview" "adele" {
  service_principal = "Atlassian Cloud"
  users             = ["adele.vance@fabrikam.example"]
}

output "adele" {
  value     = jsondecode(data.usersync_mapping_preview.adele.values)
  sensitive = true
}
