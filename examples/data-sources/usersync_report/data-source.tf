# A data source that refers directly to a changing resource is put off to the
# apply; through a local it is read at plan.
locals {
  changes = usersync_outcome.guard.changes_markdown
}

data "usersync_report" "page" {
  connector = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users"]
  }

  path             = "who-syncs.html" # written whenever this is read: by plan, too
  changes_markdown = local.changes
  reconciliation   = true
  last_sync        = "2026-11-20T08:00:00Z"
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
