package matrix

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	secretAddress = "usersync_provisioning_secret.scim"
	scimBase      = "https://scim.example/directory/x"
)

func secret(app, token string, version int, lines string) string {
	return fmt.Sprintf(`
resource "usersync_provisioning_secret" "scim" {
  service_principal_id = %q
  credentials          = { BaseAddress = %q, SecretToken = %q }
  credentials_version  = %d
%s
}
`, app, scimBase, token, version, lines)
}

func TestResourceProvisioningSecret_Life(t *testing.T) {
	x := newTenant(t)
	app, other := x.app(), x.app()
	keys := knownvalue.SetExact([]knownvalue.Check{exact("BaseAddress"), exact("SecretToken")})
	x.run(x.noSecrets(app, other), anyCLI,
		resource.TestStep{
			Config:           x.config(secret(app, simulator.DefaultSecretToken, 1, "")),
			ConfigPlanChecks: planned(secretAddress, plancheck.ResourceActionCreate),
			ConfigStateChecks: append(values(secretAddress, map[string]knownvalue.Check{
				"id":                  exact(app),
				"keys":                keys,
				"credentials":         null, // write-only
				"credentials_version": exact("1"),
				"sync_all":            truth(false),
				"validate":            truth(true),
				"notifications":       null,
			}), stateLacks(simulator.DefaultSecretToken)),
			PostApplyFunc: func() { x.holds(app, "SecretToken", simulator.DefaultSecretToken) },
		},
		importedByID(secretAddress, app, "credentials_version"),
		resource.TestStep{
			Config: x.config(secret(app, "another-token", 2, `
  sync_all      = true
  validate      = false
  notifications = { enabled = true, email = "it@company.com", delete_threshold = 500 }`)),
			ConfigPlanChecks: planned(secretAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: append(values(secretAddress, map[string]knownvalue.Check{
				"sync_all":                       truth(true),
				"notifications.enabled":          truth(true),
				"notifications.email":            exact("it@company.com"),
				"notifications.delete_threshold": whole(500),
			}), stateLacks("another-token")),
			PostApplyFunc: func() { x.holds(app, "SecretToken", "another-token") },
		},
		resource.TestStep{
			Config:            x.config(secret(other, simulator.DefaultSecretToken, 2, "")),
			ConfigPlanChecks:  planned(secretAddress, plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: values(secretAddress, map[string]knownvalue.Check{"id": exact(other)}),
		},
	)
}

// holds fails unless the service holds a value.
func (t *tenant) holds(app, key, want string) {
	t.Helper()
	if got := t.HeldSecrets(app)[key]; got != want {
		t.Errorf("%s: got %q, want %q", key, got, want)
	}
}

// noSecrets looks whether the service holds no values of the applications.
func (t *tenant) noSecrets(apps ...string) func() error {
	return func() error {
		for _, app := range apps {
			for key, value := range t.HeldSecrets(app) {
				if value != "" {
					return fmt.Errorf("the service holds %s for %s, want nothing", key, app)
				}
			}
		}
		return nil
	}
}

// An import knows nothing of credentials_version: the apply records it, and
// writes nothing.
func TestResourceProvisioningSecret_Identity(t *testing.T) {
	x := newTenant(t)
	app := x.app()
	must(t, x.PutSecrets(app, map[string]string{"BaseAddress": scimBase, "SecretToken": "theirs"}))
	x.run(x.noSecrets(app), withIdentity,
		resource.TestStep{
			PreConfig: x.ResetRequests,
			Config: x.config(secret(app, simulator.DefaultSecretToken, 1, ""), fmt.Sprintf(`
import {
  to       = %s
  identity = { service_principal_id = %q }
}`, secretAddress, app)),
			ConfigPlanChecks: planned(secretAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: append(
				values(secretAddress, map[string]knownvalue.Check{"credentials_version": exact("1")}),
				statecheck.ExpectIdentity(
					secretAddress,
					map[string]knownvalue.Check{"service_principal_id": exact(app)},
				),
			),
			PostApplyFunc: func() { x.wroteNothing(); x.holds(app, "SecretToken", "theirs") },
		},
	)
}

func TestResourceProvisioningSecret_Drift(t *testing.T) {
	x := newTenant(t)
	app := x.app()
	config := x.config(secret(app, simulator.DefaultSecretToken, 1, ""))
	x.run(x.noSecrets(app), anyCLI,
		resource.TestStep{Config: config},
		// Values can't be read; that one is gone can.
		resource.TestStep{
			PreConfig:        func() { must(t, x.PutSecrets(app, map[string]string{"BaseAddress": scimBase})) },
			Config:           config,
			ConfigPlanChecks: planned(secretAddress, plancheck.ResourceActionUpdate),
			PostApplyFunc:    func() { x.holds(app, "SecretToken", simulator.DefaultSecretToken) },
		},
		resource.TestStep{
			PreConfig:        func() { must(t, x.PutSecrets(app, nil)) },
			Config:           config,
			ConfigPlanChecks: planned(secretAddress, plancheck.ResourceActionCreate),
		},
	)
}

func TestResourceProvisioningSecret_Errors(t *testing.T) {
	x := newTenant(t)
	app := x.app()
	good := secret(app, simulator.DefaultSecretToken, 1, "")
	x.run(nil, anyCLI,
		x.fails("SyncAll is set by sync_all", strings.Replace(good, "BaseAddress", `SyncAll = "true", BaseAddress`, 1)),
		x.fails("Invalid date", secret(app, simulator.DefaultSecretToken, 1, `expires_on = "tomorrow"`)),
		x.refuses("Validating the credentials failed", secret(app, "wrong", 1, "")),
		x.importFails(secretAddress, app+"/x", "Invalid import ID", good),
	)
}
