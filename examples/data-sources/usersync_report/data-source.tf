# A data source that refers directly to a changing resource is put off to the
# apply; through a local it is read at plan.
locals {
  changes = usersync_outcome.guard.changes_json
}

data "usersync_report" "page" {
  connector = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users"]
  }

  directory_attributes = ["displayName"] # name it in attributes of usersync_directory, too: one read serves both

  path           = "who-syncs.html" # written whenever this is read: by plan, too
  changes_json   = local.changes
  reconciliation = true
  last_sync      = "2026-11-20T08:00:00Z"
}

# For a comment in the pull request.
output "report" {
  value     = data.usersync_report.page.markdown
  sensitive = true
}

# Which page belongs to this plan.
output "report_sha256" {
  value = data.usersync_report.page.html_sha256
}
