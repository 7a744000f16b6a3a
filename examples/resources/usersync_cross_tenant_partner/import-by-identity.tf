import {
  to = usersync_cross_tenant_partner.fabrikam
  identity = {
    tenant_id = "b7a4d9e2-0c35-4f88-8f0e-2a6bb1c4d722"
  }
}
