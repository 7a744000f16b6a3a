data "usersync_decisions" "legacy_verified" {
  connector = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users"]
  }

  what_if {
    verified_domains = ["legacy.company.com"]
  }
}

output "who_would_still_be_skipped" {
  value = jsondecode(data.usersync_decisions.legacy_verified.decisions)
}
