output "display_name" {
  # "Adele Vance"
  value = provider::usersync::evaluate("Join(\" \", [givenName], [surname])", { givenName = "Adele", surname = "Vance" }, null)
}
