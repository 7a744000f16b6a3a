output "in_scope" {
  # true
  value = provider::usersync::in_scope({
    any_of = [{ name = "IT", all_of = [{ attribute = "department", operator = "EQUALS", values = ["IT"] }] }]
  }, { department = "IT" })
}
