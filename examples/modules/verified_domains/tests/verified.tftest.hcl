# Against the simulated tenant of "make simulator", while the records are
# published: "make testacc RUN=TestModules" does both.

variables {
  check_dns = false
  timeout   = "30s"
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

run "nothing_to_verify" {
  command = plan

  variables {
    domains = {}
  }

  assert {
    condition     = length(output.verified_domains) == 0
    error_message = "Without domains there is nothing to assume."
  }
}

run "plan_knows_records_and_what_if" {
  command = plan

  variables {
    domains = {
      "legacy.company.com" = { token = "Ca8lQj7CZB/xsJYFbQSC3zZ7", zone = "company.com", entra = false }
      "new.example"        = { atlassian = false }
    }
  }

  assert {
    condition     = output.dns_records["legacy.company.com"].atlassian.value == "atlassian-domain-verification=Ca8lQj7CZB/xsJYFbQSC3zZ7"
    error_message = "Atlassian's record follows from the token, when planning."
  }

  assert {
    condition     = output.dns_records["legacy.company.com"].atlassian.name == "legacy"
    error_message = "The record's name is relative to the zone, company.com."
  }

  assert {
    condition     = output.dns_records["legacy.company.com"].atlassian.value == usersync_atlassian_domain_verification.this["legacy.company.com"].verification_records[0].value
    error_message = "The module's record is the one that the provider says."
  }

  assert {
    condition     = toset(output.verified_domains) == toset(["legacy.company.com"])
    error_message = "An outcome of the same plan can assume the domain."
  }
}

run "verifies_both_sides" {
  variables {
    domains = {
      "legacy.company.com" = { token = "Ca8lQj7CZB/xsJYFbQSC3zZ7", entra = false }
      "new.example"        = { atlassian = false }
      "labs.company.com"   = { atlassian = false }
    }
  }

  assert {
    condition     = output.status["new.example"].entra && output.status["labs.company.com"].entra
    error_message = "Entra has verified the new domains."
  }

  assert {
    condition     = output.status["legacy.company.com"].atlassian == "verified"
    error_message = "The organization lists the domain as verified."
  }

  assert {
    condition     = startswith(output.dns_records["new.example"].entra.value, "MS=ms")
    error_message = "Entra's TXT record is an output."
  }

  assert {
    condition     = output.dns_records["labs.company.com"].entra == null
    error_message = "A sub-domain of a verified domain needs no record."
  }
}

run "watching_assumes_nothing" {
  command = plan

  variables {
    domains = { "unknown.example" = { entra = false, wait = false } }
  }

  assert {
    condition     = length(output.verified_domains) == 0
    error_message = "With wait = false only what is seen verified is assumed."
  }
}
