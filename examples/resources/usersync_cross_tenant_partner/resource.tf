# In the target tenant: fabrikam.example may synchronize its users here, and
# nobody is asked to accept an invitation.
resource "usersync_cross_tenant_partner" "fabrikam" {
  tenant_id            = "b7a4d9e2-0c35-4f88-8f0e-2a6bb1c4d722"
  display_name         = "Fabrikam"
  inbound_user_sync    = true
  automatic_redemption = { inbound = true }
}
