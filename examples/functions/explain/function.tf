output "why_not_adele" {
  value = provider::usersync::explain(
    data.usersync_directory.now.reading,
    data.usersync_organization.main.reading,
    usersync_outcome.guard.settings,
    "adele.vance@fabrikam.example",
  )
  sensitive = true
}
