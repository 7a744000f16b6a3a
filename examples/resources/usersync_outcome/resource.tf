data "usersync_directory" "now" {}

data "usersync_organization" "main" {}

resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  read_at      = data.usersync_directory.now.read_at
  connector    = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users"]
  }

  connector_settings {
    entra_domains = ["company.com"]
  }

  # If fabrikam.example's people were guests and dev.company.com verified, who would sync?
  what_if {
    user_types = jsonencode({
      "adele.vance@fabrikam.example" = "Guest"
    })
    verified_domains = ["dev.company.com"]
  }

  guardrails {
    max_lost         = 25
    max_lost_percent = 2
    must_sync        = ["amara.okafor@company.com"]
    max_gained       = 50
    expect_skipped   = ["theo.marsh@company.onmicrosoft.com"]
  }

  watch_groups = ["jira-*"]
}
