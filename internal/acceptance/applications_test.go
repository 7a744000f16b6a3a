package acceptance

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// assign assigns a group or user to an application with its first role, as the portal
// does.
func (b *bench) assign(sp, principal string) {
	b.Helper()
	b.graph(http.MethodPost, "/servicePrincipals/"+sp+"/appRoleAssignedTo", map[string]string{
		"principalId": principal, "resourceId": sp, "appRoleId": "00000000-0000-0000-0000-000000000000",
	})
}

// AWS IAM Identity Center by its example: job, secret, mapping and schedule are made,
// then it is decided who gets in, and who doesn't for the usual mistakes: a group inside
// the assigned one, no last name, two people with one userName. An access request is
// planned before it is granted.
func TestApplication_AWS(t *testing.T) {
	once(t, func(b *bench) {
		b.signedIn()
		sp := b.app("AWS IAM Identity Center")
		m := b.examples("aws_identity_center")
		m.Env = append(
			m.Env,
			"TF_VAR_service_principal_id="+sp,
			"TF_VAR_scim_endpoint="+b.Server.URL()+"/scim/directory/"+b.Server.About().Organizations[0].DirectoryID,
			"TF_VAR_scim_token="+b.Server.About().Organizations[0].DirectoryToken,
		)
		m.Init()
		m.tidy(m.plan(2).Output)
		m.apply()
		m.Plan(0)

		m.Write("main.tf", strings.ReplaceAll(readFile(m, "main.tf"), `"[userPrincipalName]"`, `"[mailNickname]"`))
		b.assign(sp, sales)
		b.assign(sp, "996087e5-1d01-46e7-a972-66f33daad250") // IT
		b.groupPut(`{"id":"` + finance + `","displayName":"Finance","securityEnabled":true}`)
		var members struct {
			Value []struct{ ID, UserPrincipalName string }
		}
		raw, err := json.Marshal(b.graph(http.MethodGet, "/groups/"+sales+"/members", nil))
		b.Must(err)
		b.Must(json.Unmarshal(raw, &members))
		if len(members.Value) < 4 {
			b.Fatalf("got %d members of Sales, want some", len(members.Value))
		}
		for i, who := range members.Value {
			nickname := strings.Split(who.UserPrincipalName, "@")[0]
			more := ""
			switch i {
			case 0:
				more = `,"surname":null`
			case 1, 2:
				nickname = "sales"
			}
			b.user(`{"id":"` + who.ID + `","mailNickname":"` + nickname + `"` + more + `}`)
		}
		m.Env = append(m.Env, "TF_VAR_decide=true")
		p := m.plan(2)
		b.show("%s", p.Output)
		m.tidy(p.Output)
		b.says(
			p.Output,
			"Who syncs to AWS IAM Identity Center by scim",
			"required_attribute_missing",
			"duplicate_address",
		)
		b.saysNot(p.Output, "Atlassian")
		got := b.decisions(p.after("usersync_outcome.aws[0]", "decisions"))
		for who, want := range map[string]string{
			members.Value[0].UserPrincipalName: "skip: required_attribute_missing (name.familyName)",
			members.Value[1].UserPrincipalName: "skip: duplicate_address (2 users)",
			members.Value[2].UserPrincipalName: "skip: duplicate_address (2 users)",
			members.Value[3].UserPrincipalName: "",
		} {
			if got[who] != want {
				b.Errorf("%s: got %q, want %q", who, got[who], want)
			}
		}
		m.apply()
		m.Plan(0)

		m.Env = append(m.Env, `TF_VAR_access_requests={"Finance"=""}`)
		p = m.plan(2)
		b.show("%s", p.Output)
		b.says(p.Output, "1 new assignment to the application", "newly")
	})
}

// The demo's chapter: the usual mistakes of a job into AWS, each person with the cause.
func TestApplication_UsualMistakes(t *testing.T) {
	eachOffline(t, func(b *bench) {
		for _, name := range []string{"tenant.json", "main.tf"} {
			raw, err := os.ReadFile(filepath.Join(repository(t), "examples", "applications", name))
			b.Must(err)
			b.Write(name, string(raw))
		}
		b.Init()
		p := b.plan(2)
		b.says(
			p.Output,
			"Who syncs to AWS IAM Identity Center by scim: 1 of 5",
			"requires a last name (name.familyName)",
		)
		b.saysNot(p.Output, "Atlassian")
		want := map[string]string{
			"grace@company.com":   "skip: required_attribute_missing (name.familyName)",
			"dev.one@company.com": "skip: duplicate_address (2 users)",
			"dev.two@company.com": "skip: duplicate_address (2 users)",
			"nora@company.com":    "skip: nested_only",
		}
		if got := b.decisions(p.after("usersync_outcome.aws", "decisions")); !maps.Equal(got, want) {
			b.Errorf("got %v, want %v", got, want)
		}
	})
}
