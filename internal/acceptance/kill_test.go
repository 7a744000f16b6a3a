package acceptance

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// partners is a tenant with a hundred members of another company and their
// guests' organization.
func partners(n int) string {
	var users []string
	for i := range n {
		users = append(
			users,
			fmt.Sprintf(
				`{"id":"a0000000-0000-4000-8000-%012d","userPrincipalName":"p%03d_fabrikam.example#EXT#@company.onmicrosoft.com","mail":"p%03d@fabrikam.example","userType":"%s","creationType":"Invitation","accountEnabled":true}`,
				i,
				i,
				i,
				[]string{"Member", "Member", "Guest"}[i%3],
			),
		)
	}
	return `{"version":1,"entra":{"tenant_id":"3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11","domains":[{"id":"company.onmicrosoft.com","isVerified":true,"isInitial":true,"isDefault":true}],
	 "users":[` + strings.Join(
		users,
		",\n",
	) + `],"groups":[]},"organizations":{"main":{"organization_id":"9d3a1b52-7c44-4e0a-b1d5-0f6e2c8a4b90","domains":[]}}}`
}

// deadly applies and kills the provider at the n-th request, before or after it
// is carried out; it reports whether there was an n-th.
func (b *bench) deadly(n int, before bool) bool {
	b.Helper()
	k, err := b.Server.KillAt(simulator.Kill{N: n, Before: before, Match: "* /v1.0/*"})
	b.Must(err)
	defer k.Cancel()
	r, err := b.Workspace.Run(b.Context(), "apply", "-no-color", "-input=false", "-auto-approve")
	b.Must(err)
	at, died, err := k.Done()
	b.Must(err)
	if died != (r.Code != 0) {
		b.Fatalf("killed at request %d (%v %s), and the apply ended with %d:\n%s", n, died, at.Route, r.Code, r.Output)
	}
	return died
}

// A provider that is killed at any request of an apply of a hundred changes,
// and applied again, ends in the wanted state: nothing tainted, nobody patched
// again who has the type, and the record gives every type back.
func TestKilledPolicy(t *testing.T) {
	if testing.Short() {
		t.Skip("kills the provider dozens of times")
	}
	clitest.Each(t, func(t *testing.T, cli clitest.CLI) {
		config := []string{`data "usersync_directory" "now" {}`, record, policyOf(enforce, partnersAreGuests, recorded)}
		for _, before := range []bool{true, false} {
			server, err := simulator.New(strings.NewReader(partners(150)))
			if err != nil {
				t.Fatal(err)
			}
			b := startWith(t, cli, server)
			original := b.types()
			for n := 1; ; n++ {
				for id, typ := range original { // as in the beginning, and without a state
					_, err := server.PutUser([]byte(fmt.Sprintf(`{"id":%q,"userType":%q}`, id, typ)))
					b.Must(err)
				}
				b.Write(
					"terraform.tfstate",
					`{"version":4,"terraform_version":"1.11.0","serial":1,"lineage":"00000000-0000-4000-8000-000000000001","outputs":{},"resources":[]}`,
				)
				b.live(config...)
				if !b.deadly(n, before) {
					if n < 8 {
						b.Fatalf("an apply of a hundred changes has only %d requests", n-1)
					}
					break
				}
				if state := b.State(); strings.Contains(state, `"tainted"`) {
					b.Fatalf("killed at request %d, something is tainted:\n%s", n, state)
				}
				left := 0
				for _, typ := range b.types() {
					if typ != "Guest" {
						left++
					}
				}
				b.Server.ResetRequests()
				b.Apply()
				if got := b.patches(); got != left {
					b.Errorf(
						"killed at request %d (before: %t), %d were left, and %d were patched",
						n,
						before,
						left,
						got,
					)
				}
				b.Plan(0)
				for id, typ := range b.types() {
					if typ != "Guest" {
						b.Errorf("killed at request %d, %s is %s", n, id, typ)
					}
				}
				if held := b.decisions(b.attributes(recordAddress)["types"]); !maps.Equal(held, original) {
					b.Errorf("killed at request %d, the record isn't of the beginning", n)
				}
				b.live(config[0], record, policyOf(enforce, restore, recorded))
				b.Apply()
				if after := b.types(); !maps.Equal(after, original) {
					b.Errorf("killed at request %d, restoring doesn't give back every type", n)
				}
			}
		}
	})
}
