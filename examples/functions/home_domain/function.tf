output "home" {
  # "fabrikam.com"
  value = provider::usersync::home_domain("adele.vance_fabrikam.com#EXT#@company.onmicrosoft.com")
}
