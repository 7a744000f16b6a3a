terraform {
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

provider "usersync" {
  entra {
    tenant_id = "3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11"
    client_id = "7d2f8a14-6c3b-4b0e-8f5a-1e9c0d4b7a66"
    use_oidc  = true # or client_secret, a certificate, use_msi, use_cli
  }

  organizations = {
    main = {
      organization_id = "9d3a1b52-7c44-4e0a-b1d5-0f6e2c8a4b90"
      # api_key from ATLASSIAN_API_KEY
    }
  }
}
