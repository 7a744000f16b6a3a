# Against the simulated tenant of "make simulator": "make testacc
# RUN=TestModules" starts one of its own.

provider "usersync" {
  entra {
    tenant_id      = "3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11"
    client_id      = "c0ffee00-0000-4000-8000-000000000001"
    client_secret  = "simulator-client-secret"
    graph_endpoint = "https://127.0.0.1:8443"
    authority_host = "https://127.0.0.1:8443"
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
  }

  assert {
    condition     = output.summary.synced > 0 && output.summary.by_reason["provisioned"] == output.summary.synced
    error_message = "Who is assigned is provisioned, as far as SCIM's own rules say."
  }

  assert {
    condition     = output.severity == "review"
    error_message = "The create is for a person to see."
  }
}

run "an_access_request" {
  command = plan

  variables {
    directory   = run.reading.directory
    max_lost    = 5
    max_gained  = 50
    assignments = { "Finance" = "" }
  }

  assert {
    condition     = output.what_if_applied == "1 new assignment to the application"
    error_message = "Who is to be assigned counts as assigned."
  }
}

run "refuses_atlassian" {
  command = plan

  variables {
    directory = run.reading.directory
    connector = "atlassian_scim"
  }

  expect_failures = [var.connector]
}
