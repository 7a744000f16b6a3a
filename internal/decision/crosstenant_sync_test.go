package decision_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// crossTenantMapping is the mapping of users of a real job, as exported
// [cross-tenant 2], with userType as a case wants it.
func crossTenantMapping(t *testing.T, userType, flowType string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "provider", "mapping", "testdata", "schemas", "cross_tenant.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		SynchronizationRules []struct {
			ObjectMappings []map[string]any `json:"objectMappings"`
		} `json:"synchronizationRules"`
	}
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	for _, m := range schema.SynchronizationRules[0].ObjectMappings {
		if m["sourceObjectName"] != "User" {
			continue
		}
		rows, _ := m["attributeMappings"].([]any)
		var kept []any // the others need attributes that these readings don't have
		for _, row := range rows {
			r, _ := row.(map[string]any)
			switch r["targetAttributeName"] {
			case "alternativeSecurityIds", "userType", "mail", "accountEnabled", "userPrincipalName", "IsSoftDeleted":
				kept = append(kept, r)
			}
			if r["targetAttributeName"] == "userType" {
				r["flowType"] = flowType
				source, _ := r["source"].(map[string]any)
				source["expression"], source["name"] = `"`+userType+`"`, userType
			}
		}
		m["attributeMappings"] = kept
		out, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	t.Fatal("no mapping of users")
	return ""
}

// Who comes to the target tenant, as what, and who doesn't
// ([cross-tenant 1], [cross-tenant 3], [cross-tenant 4], [cross-tenant 6]).
func TestCrossTenantSync(t *testing.T) {
	w := directorytest.New()
	w.Domains[0] = directory.Domain{Name: "fabrikam.com", IsVerified: true, IsDefault: true}
	person := directorytest.Employee
	noMail := person("nomail@fabrikam.com")
	noMail.Mail = ""
	elsewhere := person("mail@fabrikam.com")
	elsewhere.Mail = "mail@gmail.com"
	guestHere := person("guest@fabrikam.com")
	guestHere.UserType = decision.TypeGuest
	off := person("off@fabrikam.com")
	off.AccountEnabled = directory.False
	thereElsewhere := person("moved@fabrikam.com")
	thereElsewhere.Mail = "moved@gmail.com"
	twin := person("twin@fabrikam.com")
	twin.Mail = "ann@fabrikam.com"
	people := map[string]directory.User{
		"new": person(
			"new@fabrikam.com",
		),
		"member":                person("member@fabrikam.com"),
		"guest":                 person("invited@fabrikam.com"),
		"external":              directorytest.External("x@partner.com", decision.TypeMember),
		"internal guest":        guestHere,
		"no mail":               noMail,
		"mail elsewhere":        elsewhere,
		"there, mail elsewhere": thereElsewhere,
		"disabled":              off,
		"ann":                   person("ann@fabrikam.com"),
		"twin":                  twin,
	}
	ids := map[string]string{}
	for name, u := range people {
		ids[name] = w.User(u, "Staff")
	}
	ids["nested"] = w.User(person("nested@fabrikam.com"), "Child")
	ids["elsewhere"] = w.User(person("out@fabrikam.com"), "Other")
	there := directorytest.New()
	there.User(directorytest.External("member@fabrikam.com", decision.TypeMember))
	there.User(directorytest.External("invited@fabrikam.com", decision.TypeGuest))
	there.User(directorytest.External("moved@fabrikam.com", decision.TypeMember))
	target := there.Directory()
	target.TenantID = "5c6e0a3f-7c39-4d0f-8f8c-1f6f0f2c9b77"
	left := map[string]string{
		"external":       "skip: not_internal_member",
		"internal guest": "skip: not_internal_member",
		"no mail":        "skip: mail_domain_not_verified (inferred)",
		"mail elsewhere": "skip: mail_domain_not_verified (gmail.com, inferred)",
		"disabled":       "skip: account_disabled",
		"nested":         "skip: nested_only",
		"elsewhere":      "skip: not_in_scope",
		"ann":            "skip: duplicate_address (2 users, fabrikam.com)",
		"twin":           "skip: duplicate_address (2 users, fabrikam.com)",
	}
	for name, c := range map[string]struct {
		typ, flow string
		target    *directory.Directory
		want      map[string]string
		actions   map[string]string
	}{
		"members by default, the target not read": {
			"Member", "ObjectAddOnly", nil,
			map[string]string{
				"new": "sync: member_created", "member": "sync: member_created", "guest": "sync: member_created",
				"there, mail elsewhere": "skip: mail_domain_not_verified (gmail.com, inferred)",
			},
			map[string]string{"new": "create_or_keep", "guest": "create_or_keep"},
		},
		"members by default": {
			"Member", "ObjectAddOnly", target,
			map[string]string{
				"new": "sync: member_created", "member": "sync: member_created", "guest": "sync: guest_created",
				"there, mail elsewhere": "sync: member_created",
			},
			map[string]string{"new": "create", "guest": "keep", "member": "keep"},
		},
		"members always": {
			"Member", "Always", target,
			map[string]string{"new": "sync: member_created", "guest": "sync: member_created"},
			map[string]string{"new": "create", "guest": "update", "member": "keep"},
		},
		"guests always": {
			"Guest", "Always", target,
			map[string]string{"new": "sync: guest_created", "member": "sync: guest_created", "guest": "sync: guest_created"},
			map[string]string{"new": "create", "guest": "keep", "member": "update"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w.Jobs = []directory.Job{{
				ServicePrincipalID: "sp", DisplayName: "To company", JobID: "job", Assigned: []string{"g-staff"},
				Mappings: []string{crossTenantMapping(t, c.typ, c.flow)},
			}}
			d := w.Directory()
			l := directory.NewLookup(d)
			q := decision.Request{Connector: decision.CrossTenantSync, TargetDirectory: c.target}
			s, _, err := q.Resolve(l, d)
			if err != nil {
				t.Fatal(err)
			}
			e, err := decision.NewEngine(d, l, &directory.Organization{}, s)
			if err != nil {
				t.Fatal(err)
			}
			r := e.Decide()
			check := func(who, want string) {
				at := d.UserByID(ids[who])
				if got := r.Text(at); got != want {
					t.Errorf("%s: got %s, want %s", who, got, want)
				}
				if x := r.Explain(at); strings.Contains(x.Sentence, "Atlassian") {
					t.Errorf("%s: it speaks of Atlassian: %s", who, x.Sentence)
				}
			}
			for who, want := range left {
				check(who, want)
			}
			for who, want := range c.want {
				check(who, want)
			}
			for who, want := range c.actions {
				if got := r.Explain(d.UserByID(ids[who])).Action; got != want {
					t.Errorf("%s: got action %s, want %s", who, got, want)
				}
			}
		})
	}
}
