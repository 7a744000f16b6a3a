output "home" {
  # "fabrikam.example"
  value = provider::usersync::home_domain("adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com")
}
