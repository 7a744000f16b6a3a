# Against the simulated tenant of "make simulator": "make testacc
# RUN=TestModules" starts one of its own.

variables {
  organization = "main"
  scope        = { groups = ["Atlassian users", "Fabrikam colleagues"] }
  check_dns    = false
}

provider "usersync" {
  entra {
    tenant_id      = "3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11"
    client_id      = "c0ffee00-0000-4000-8000-000000000001"
    client_secret  = "simulator-client-secret"
    graph_endpoint = "https://127.0.0.1:8443"
    authority_host = "https://127.0.0.1:8443"
  }

  organizations = {
    main = {
      organization_id = "9d3a1b52-7c44-4e0a-b1d5-0f6e2c8a4b90"
      api_key         = "simulator-api-key"
      endpoint        = "https://127.0.0.1:8443"
    }
  }
  ca_file = "../../../.cache/simulator-ca.pem"
}

run "reading" {
  module {
    source = "./tests/reading"
  }
}

run "accepts_today" {
  variables {
    directory = run.reading.directory
    max_lost  = 5
    must_sync = ["amara.okafor@company.com"]
  }

  assert {
    condition     = output.summary.synced >= 31 && output.summary.by_reason["external_member"] == 11
    error_message = "The example tenant has 31 who sync, or more, and 11 external members who don't."
  }

  assert {
    condition     = output.severity == "review" && output.changes.joined.this_plan == output.summary.synced
    error_message = "Who is there at the create is gained, for a person to see."
  }

  assert {
    condition     = jsondecode(output.decisions)["theo.marsh@company.onmicrosoft.com"] == "skip: domain_not_verified (company.onmicrosoft.com, inferred)"
    error_message = "The decisions name who doesn't sync, and why."
  }

  assert {
    condition     = contains(output.verified_domains, "company.com") && length(output.dns_records) == 0
    error_message = "Nothing is to be verified, and the organization's domains are an output."
  }
}

run "the_same_is_no_change" {
  command = plan

  variables {
    directory = run.reading.directory
    max_lost  = 5
    must_sync = ["amara.okafor@company.com"]
  }

  assert {
    condition     = output.changes.joined.this_plan == output.summary.synced && output.what_if_applied == ""
    error_message = "With the same facts everything stays as it was accepted, the changes of the create too."
  }
}

run "what_if" {
  command = plan

  variables {
    directory        = run.reading.directory
    user_types       = jsonencode({ "adele.vance@fabrikam.example" = "Guest" })
    verified_domains = ["company.onmicrosoft.com"]
    members          = { "Atlassian users" = ["clara.jensen@company.com"] }
  }

  assert {
    condition     = output.changes.gained.this_plan == 2 && output.changes.joined.this_plan == 1 && output.severity == "review"
    error_message = "Adele as a guest, Theo by his domain and a new member of a group are let in by this plan."
  }

  assert {
    condition     = strcontains(output.changes_markdown, "theo.marsh")
    error_message = "The report for a comment names them."
  }
}

run "a_domain_of_the_module" {
  command = plan

  variables {
    directory = run.reading.directory
    domains   = { "fabrikam.example" = { token = "Ca8lQj7CZB/xsJYFbQSC3zZ7" } }
  }

  assert {
    condition     = output.changes.gained.this_plan == 10
    error_message = "The plan that verifies a domain says whom it lets in."
  }

  assert {
    condition     = output.dns_records["fabrikam.example"].atlassian.value == "atlassian-domain-verification=Ca8lQj7CZB/xsJYFbQSC3zZ7"
    error_message = "The record to publish is an output."
  }
}

run "a_limit_stops_the_plan" {
  command = plan

  variables {
    directory = run.reading.directory
    scope     = { groups = ["Fabrikam colleagues"] }
    max_lost  = 0
    on_plan   = "warn"
  }

  assert {
    condition     = output.severity == "blocked"
    error_message = "With on_plan = \"warn\" a violated limit is the severity blocked."
  }
}

run "scim_by_the_job" {
  variables {
    directory         = run.reading.directory
    connector         = "atlassian_scim"
    scope             = null
    on_plan           = "warn"
    identify_users_by = "id"
    show              = "all"
    watch_groups      = ["jira-*"]
  }

  assert {
    condition     = output.summary.synced > 0 && length(jsondecode(output.decisions)) == output.summary.users
    error_message = "The other connector, by the job's own assignments, listing everybody."
  }

  assert {
    condition     = !strcontains(output.decisions, "@")
    error_message = "With identify_users_by = \"id\" nobody is named."
  }
}
