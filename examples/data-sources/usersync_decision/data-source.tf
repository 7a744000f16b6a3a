data "usersync_decision" "adele" {
  user      = "adele.vance@fabrikam.example"
  connector = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users"]
  }
}

output "adele" {
  value = {
    decision = data.usersync_decision.adele.decision
    fixes    = data.usersync_decision.adele.fixes
  }
}
