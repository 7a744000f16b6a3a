# What the module refuses, before anything is read.

variables {
  directory = { reading = "none" }
  rules     = [{ name = "guests", match = { home_domains = ["fabrikam.example"] }, user_type = "Guest" }]
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

run "refuses_another_mode" {
  command = plan

  variables {
    mode = "dry-run"
  }

  expect_failures = [var.mode]
}

run "refuses_no_rules" {
  command = plan

  variables {
    rules = []
  }

  expect_failures = [var.rules]
}

run "refuses_half_a_rule" {
  command = plan

  variables {
    rules = [{ name = "guests", match = { home_domains = ["fabrikam.example"] } }]
  }

  expect_failures = [var.rules]
}

run "refuses_another_type" {
  command = plan

  variables {
    rules = [{ name = "guests", match = { home_domains = ["fabrikam.example"] }, user_type = "guest" }]
  }

  expect_failures = [var.rules]
}

run "refuses_a_record_that_is_not_there" {
  command = plan

  variables {
    rules  = [{ name = "back", restore = "2026-11" }]
    record = "2026-11"
  }

  expect_failures = [var.rules, var.record]
}

run "refuses_to_convert_without_a_record" {
  command = plan

  variables {
    mode = "enforce"
  }

  expect_failures = [var.record]
}

run "refuses_limits_that_limit_nothing" {
  command = plan

  variables {
    max_changes = 0
    wave_size   = 1.5
  }

  expect_failures = [var.max_changes, var.wave_size]
}
