package acceptance

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	perClass    = 10
	application = "Atlassian Cloud"
)

// scimStory is a tenant whose job provisions into the organization's SCIM
// directory: six blocks of ten users in two assigned groups, and two more in
// the first alone.
type scimStory struct {
	*bench
	org    simulator.AboutOrganization
	client *http.Client
	ids    map[string]string // SCIM ids by userName, and of groups by name
	groups [2]string
}

func (s *scimStory) user(block, k int) string {
	domain := "company.com"
	if block == 5 {
		domain = "partner.example" // nobody verified it
	}
	return fmt.Sprintf("block%d-%02d@%s", block, k, domain)
}

func (s *scimStory) put(name string, created time.Time, groups ...string) string {
	s.Helper()
	raw, err := json.Marshal(
		map[string]any{
			"userPrincipalName": name,
			"mail":              name,
			"displayName":       name,
			"userType":          "Member",
			"accountEnabled":    true,
			"createdDateTime":   created.UTC().Format(time.RFC3339),
		},
	)
	s.Must(err)
	id, err := s.Server.PutUser(raw)
	s.Must(err)
	for _, g := range groups {
		s.Must(s.Server.AddMember(g, id))
	}
	return id
}

// scim asks the organization's SCIM directory.
func (s *scimStory) scim(method, path string, body any) map[string]any {
	s.Helper()
	raw, err := json.Marshal(body)
	s.Must(err)
	return s.send(
		s.client,
		method,
		s.Server.URL()+"/scim/directory/"+s.org.DirectoryID+path,
		"application/scim+json",
		s.org.DirectoryToken,
		raw,
	)
}

func newSCIMStory(b *bench) *scimStory {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(b.Server.CAPEM())
	s := &scimStory{
		bench: b,
		org:   b.Server.About().Organizations[0],
		client: &http.Client{
			Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
		},
	}
	b.Cleanup(s.client.CloseIdleConnections)
	for i, name := range []string{"All of them", "The team"} {
		raw, err := json.Marshal(map[string]any{"displayName": name, "securityEnabled": true})
		b.Must(err)
		s.groups[i], err = b.Server.PutGroup(raw)
		b.Must(err)
	}
	long := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for k := range perClass {
		for block := range 6 {
			s.put(s.user(block, k), long, s.groups[:]...)
		}
		s.put(s.user(6, k), long, s.groups[0])
	}
	b.Must(b.Server.SetAssigned(application, s.groups[:]...))
	const sp = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90" // of the example tenant
	b.graph(
		http.MethodPut,
		"/servicePrincipals/"+sp+"/synchronization/secrets",
		map[string]any{"value": []map[string]string{
			{
				"key":   "BaseAddress",
				"value": b.Server.URL() + "/scim/directory/" + s.org.DirectoryID,
			},
			{"key": "SecretToken", "value": s.org.DirectoryToken},
		}},
	)
	b.Must(b.Server.FinishCycle(b.cyclesOf(sp)))
	s.ids = map[string]string{}
	users, groups, err := b.Server.Directory("main")
	b.Must(err)
	for _, u := range users {
		s.ids[u.UserName] = u.ID
	}
	for _, g := range groups {
		s.ids[g.DisplayName] = g.ID
	}
	return s
}

// configuration reads the reconciliation over SCIM.
func (s *scimStory) configuration(lines ...string) string {
	block := strings.Replace(s.ProviderBlock(), "      api_key ", fmt.Sprintf("      scim_directory_id = %q\n      "+
		"scim_token        = %q\n      api_key ", s.org.DirectoryID, s.org.DirectoryToken), 1)
	return block + fmt.Sprintf(`
data "usersync_reconciliation" "now" {
  connector         = "atlassian_scim"
  service_principal = %q
  %s
}
output "agreement" { value = data.usersync_reconciliation.now.agreement }
output "classes" { value = data.usersync_reconciliation.now.classes }
output "source" { value = data.usersync_reconciliation.now.compared_with }
output "mismatches" { value = jsondecode(data.usersync_reconciliation.now.mismatches) }
`, application, strings.Join(lines, "\n  "))
}

// deviate makes ten deviations of each class, behind the back of the job.
func (s *scimStory) deviate(after time.Time) {
	s.Helper()
	operation := func(op, path string, value any) map[string]any {
		return map[string]any{
			"schemas":    []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
			"Operations": []map[string]any{{"op": op, "path": path, "value": value}},
		}
	}
	record := func(name, external string) map[string]any {
		return map[string]any{
			"schemas":    []string{"urn:ietf:params:scim:schemas:core:2.0:User"},
			"userName":   name,
			"externalId": external,
			"active":     true,
			"emails":     []map[string]any{{"value": name, "type": "work", "primary": true}},
		}
	}
	users, _, err := s.Server.Directory("main")
	s.Must(err)
	external := map[string]string{}
	for _, u := range users {
		external[u.UserName] = u.ExternalID
	}
	for k := range perClass {
		s.put(fmt.Sprintf("new%02d@company.com", k), after, s.groups[:]...)
		s.scim(http.MethodDelete, "/Users/"+s.ids[s.user(0, k)], nil)
		s.scim(
			http.MethodPost,
			"/Users",
			record(fmt.Sprintf("unknown%02d@company.com", k), fmt.Sprintf("unknown-%d", k)),
		)
		s.scim(http.MethodPost, "/Users", record(fmt.Sprintf("second%02d@company.com", k), external[s.user(1, k)]))
		s.scim(
			http.MethodPatch,
			"/Groups/"+s.ids["The team"],
			operation("remove", fmt.Sprintf("members[value eq %q]", s.ids[s.user(2, k)]), nil),
		)
		s.scim(
			http.MethodPatch,
			"/Groups/"+s.ids["The team"],
			operation("add", "members", []map[string]string{{"value": s.ids[s.user(6, k)]}}),
		)
		s.scim(http.MethodPatch, "/Users/"+s.ids[s.user(5, k)], operation("replace", "displayName", "Changed"))
	}
}

// Over SCIM: after a cycle without faults everybody is as predicted; ten perClass
// deviations of each class are each found and classed right; the log says what
// became of people.
func TestReconciliationOverSCIM(t *testing.T) {
	once(t, func(b *bench) {
		s := newSCIMStory(b)
		b.Write("main.tf", s.configuration("min_agreement = 100", `on_disagreement = "error"`))
		b.Apply()
		out := b.outputs()
		var agreement struct{ Compared, Agreed, Percent float64 }
		b.Must(json.Unmarshal(out["agreement"], &agreement))
		if agreement.Compared != 7*perClass || agreement.Percent != 100 || string(out["mismatches"]) != "[]" ||
			string(out["source"]) != `"scim"` {
			b.Fatalf("after a cycle: %s %s %s", out["agreement"], out["mismatches"], out["source"])
		}

		last := time.Now().UTC()
		s.deviate(last.Add(time.Hour))
		b.says(b.fails(), "min_agreement", "as predicted")
		b.Write(
			"main.tf",
			s.configuration(fmt.Sprintf("last_sync = %q", last.Format(time.RFC3339)), "provisioning_log = true"),
		)
		b.Apply()
		out = b.outputs()
		var classes map[string]int
		b.Must(json.Unmarshal(out["classes"], &classes))
		want := map[string]int{
			"pending":             perClass,
			"account_deactivated": perClass,
			"orphan":              perClass,
			"duplicate":           perClass,
			"missing_from_group":  perClass,
			"extra_in_group":      perClass,
			"unlinked":            perClass,
		}
		if fmt.Sprint(classes) != fmt.Sprint(want) {
			b.Errorf("%v, want %v: %s", classes, want, out["mismatches"])
		}
		var mismatches []struct{ Class, Who, Cause string }
		b.Must(json.Unmarshal(out["mismatches"], &mismatches))
		for _, m := range mismatches {
			if m.Class == "account_deactivated" &&
				(!strings.HasPrefix(m.Who, "block0-") || !strings.Contains(m.Cause, "The provisioning log says: "+
					"create, success (")) {
				b.Errorf("%+v", m)
			}
		}
	}, simulator.WithBehavior(func(x *simulator.Behavior) { x.ExternalIDsRepeat = true }))
}

// What the log's argument needs is said where it stands.
func TestReconciliationLogTrouble(t *testing.T) {
	once(t, func(b *bench) {
		b.live(reconciled("provisioning_log = true"))
		b.says(b.fails(), "provisioning_log", "no provisioning log", "over a provisioning job")
	})
}
