# What the module refuses, before anything is read.

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

run "refuses_capitals" {
  command = plan

  variables {
    domains = { "Company.com" = {} }
  }

  expect_failures = [var.domains]
}

run "refuses_nowhere" {
  command = plan

  variables {
    domains = { "company.com" = { entra = false, atlassian = false } }
  }

  expect_failures = [var.domains]
}
