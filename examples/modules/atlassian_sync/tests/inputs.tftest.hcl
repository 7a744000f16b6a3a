# What the module refuses, before anything is read.

variables {
  directory = { reading = "none" }
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

run "refuses_another_connector" {
  command = plan

  variables {
    connector = "okta"
    scope     = { groups = ["Atlassian users"] }
  }

  expect_failures = [var.connector]
}

run "refuses_no_scope" {
  command = plan

  expect_failures = [var.scope]
}

run "refuses_both_scopes" {
  command = plan

  variables {
    scope = { groups = ["Atlassian users"], everyone = true }
  }

  expect_failures = [var.scope]
}

run "refuses_limits_that_limit_nothing" {
  command = plan

  variables {
    scope            = { groups = ["Atlassian users"] }
    max_lost         = -1
    max_lost_percent = 200
    max_groups_lost  = 0.5
  }

  expect_failures = [var.max_lost, var.max_lost_percent, var.max_groups_lost]
}

run "refuses_misspelled_words" {
  command = plan

  variables {
    scope             = { groups = ["Atlassian users"] }
    on_plan           = "fail"
    on_drift          = "ignore"
    review_when       = ["lost", "hires"]
    approve           = "yes"
    show              = "everyone"
    identify_users_by = "mail"
  }

  expect_failures = [var.on_plan, var.on_drift, var.review_when, var.approve, var.show, var.identify_users_by]
}

run "refuses_a_source_without_people" {
  command = plan

  variables {
    scope        = { groups = ["Atlassian users"] }
    cross_tenant = [{ mapping = "{}" }]
  }

  expect_failures = [var.cross_tenant]
}
