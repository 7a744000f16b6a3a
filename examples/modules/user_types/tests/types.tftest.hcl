# Against the simulated tenant of "make simulator": "make testacc
# RUN=TestModules" starts one of its own. The tests convert people there and
# give them back what they were.

variables {
  rules = [
    { name = "partners are guests", match = { origin = "external", home_domains = ["fabrikam.example"] }, user_type = "Guest" },
  ]
  records = { before = { home_domains = ["fabrikam.example"] } }
  record  = "before"
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

run "audit" {
  variables {
    directory = run.reading.directory
  }

  assert {
    condition     = jsondecode(output.violations)["adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com"] == "Member, policy says Guest (partners are guests)"
    error_message = "The audit names who differs, and by which rule."
  }

  assert {
    condition     = output.records["before"] == 10 && output.remaining == 0 && output.desired == null
    error_message = "The record holds everybody from fabrikam.example who has a type, and nothing is assumed."
  }
}

run "enforce_is_planned" {
  command = plan

  variables {
    directory = run.reading.directory
    mode      = "enforce"
    wave_size = 6
  }

  assert {
    condition     = output.remaining == 4
    error_message = "Six of ten are converted in this apply."
  }

  assert {
    condition     = length([for t in values(jsondecode(output.desired)) : t if t == "Guest"]) >= 6
    error_message = "What the policy wants is known when planning, for outcomes of the same plan."
  }
}

run "enforce" {
  variables {
    directory = run.reading.directory
    mode      = "enforce"
  }

  assert {
    condition     = output.violations == "{}" && output.remaining == 0
    error_message = "Everybody is as the policy says."
  }
}

run "reading_afterwards" {
  module {
    source = "./tests/reading"
  }
}

run "restore" {
  variables {
    directory = run.reading_afterwards.directory
    mode      = "enforce"
    rules     = [{ name = "back", restore = "before" }]
  }

  assert {
    condition     = jsondecode(output.assignments)["adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com"] == "Member"
    error_message = "Adele is again what the record says."
  }
}
