data "usersync_reconciliation" "now" {
  connector = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users"]
  }

  last_sync     = "2026-11-20T08:00:00Z" # as the integration's page shows it
  min_agreement = 95                     # a warning below; on_disagreement = "error" stops the plan
}

# The same as a check block, which warns and never stops.
check "prediction_holds" {
  assert {
    condition     = data.usersync_reconciliation.now.agreement.percent >= 99
    error_message = "Only ${data.usersync_reconciliation.now.agreement.percent} % of the users are as predicted."
  }
}

# Which reading of the undocumented rules fits this organization, to paste.
output "connector_settings" {
  value = data.usersync_reconciliation.now.best_connector_settings
}
