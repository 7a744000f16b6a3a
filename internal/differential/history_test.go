package differential

import (
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// people and groups of every tenant; ids are names.
var (
	people     = []string{"ann", "bea", "cid", "dan", "eve"}
	homes      = []string{"company.com", "company.com", "other.com", "partner.example", "partner.example", "gmail.com"}
	groupNames = []string{"Staff", "Below", "Team", "Mail"}
)

// sameHistories has a run of the usual size go over the same histories each time: "make
// differential" looks for disagreements with seeds of its own, and a test that fails now
// and then would teach people to run it again.
func sameHistories(t *testing.T) {
	t.Helper()
	const usual = "100"
	if f := flag.Lookup("rapid.checks"); f == nil || f.Value.String() != usual {
		return
	}
	seed := flag.Lookup("rapid.seed")
	before := seed.Value.String()
	if err := flag.Set("rapid.seed", "20"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.seed", before) })
}

// draws draw a history.
type draws struct{ *rapid.T }

func (d draws) chance(label string, of int) bool { return rapid.IntRange(1, of).Draw(d.T, label) == 1 }

func pick[T any](d draws, label string, list ...T) T { return rapid.SampledFrom(list).Draw(d.T, label) }

func (d draws) user(id string) map[string]any {
	u := map[string]any{
		"id":                id,
		"displayName":       id,
		"givenName":         id,
		"surname":           "X",
		"accountEnabled":    !d.chance("disabled", 8),
		"userPrincipalName": id + "@company.com",
		"userType":          pick(d, "type", "Member", "Guest"),
		"department":        pick(d, "department", "Sales", "Legal"),
	}
	mail := id + "@" + pick(d, "home", homes...)
	u["mail"] = mail
	switch {
	case d.chance("external", 4):
		u["userPrincipalName"] = strings.ReplaceAll(mail, "@", "_") + "#EXT#@company.onmicrosoft.com"
		u["creationType"], u["externalUserState"] = "Invitation", "Accepted"
	case d.chance("mailless", 8):
		u["mail"] = nil
	case d.chance("shared", 12):
		u["mail"] = "shared@company.com"
	}
	return u
}

// seed draws a tenant.
func (d draws) seed() string {
	var users []map[string]any
	for _, id := range people {
		users = append(users, d.user(id))
	}
	var groups []map[string]any
	for i, name := range groupNames {
		members := []map[string]any{}
		for _, id := range people {
			if d.chance("member", 2) {
				members = append(members, map[string]any{"@odata.type": "#microsoft.graph.user", "id": id})
			}
		}
		if i == 0 {
			members = append(members, map[string]any{"@odata.type": "#microsoft.graph.group", "id": "g-below"})
		}
		groups = append(groups, map[string]any{
			"id": "g-" + strings.ToLower(
				name,
			),
			"displayName":     name,
			"securityEnabled": name != "Mail",
			"members":         members,
		})
	}
	local := []map[string]any{}
	if d.chance("taken", 4) {
		local = append(
			local,
			map[string]any{
				"id":             "l-1",
				"name":           pick(d, "taken name", "Team", "Staff"),
				"externalSynced": false,
				"members":        []string{},
			},
		)
	}
	accounts := []map[string]any{}
	for _, id := range people {
		if d.chance("account before", 6) {
			home, claim := pick(d, "account's domain", homes...), "unmanaged"
			if home == "company.com" {
				claim = pick(d, "claim", "managed", "managed", "unmanaged")
			}
			accounts = append(accounts, map[string]any{
				"accountId": "a-" + id, "email": id + "@" + home, "claimStatus": claim,
				"accountStatus": "active", "status": "active", "membershipStatus": "active",
			})
		}
	}
	domain := func(name, status string) map[string]any {
		return map[string]any{
			"attributes": map[string]any{"name": name, "claim": map[string]any{"type": "dns", "status": status}},
		}
	}
	raw, err := json.Marshal(map[string]any{
		"version": 1,
		"entra": map[string]any{
			"tenant_id": "11111111-aaaa-4aaa-8aaa-111111111111",
			"users":     users,
			"groups":    groups,
			"domains": []map[string]any{
				{"id": "company.com", "isDefault": true, "isVerified": true},
				{"id": "company.onmicrosoft.com", "isInitial": true, "isVerified": true},
			},
			"synchronization": []map[string]any{{"service_principal_id": "app", "display_name": "Atlassian Cloud"}},
		},
		"organizations": map[string]any{organization: map[string]any{
			"organization_id": "org",
			"accounts":        accounts,
			"groups":          local,
			"domains": []map[string]any{
				domain("company.com", "verified"),
				domain("other.com", pick(d, "other.com", "verified", "unverified")),
			},
		}},
	})
	if err != nil {
		d.Fatal(err)
	}
	return string(raw)
}

const emailTarget = `emails[type eq "work"].value`

// job draws the job's switches; first is the first round, which is often plain so
// that the target has a past.
func (d draws) job(w *world) {
	assigned := []string{"g-staff"}
	for _, id := range []string{"g-team", "g-mail", "ann"} {
		if d.chance("assigned", 2) {
			assigned = append(assigned, id)
		}
	}
	if err := w.server.SetAssigned("app"); err != nil {
		d.Fatal(err)
	}
	roles := []string{directory.NoRole}
	for _, r := range w.server.Registry.Find("app", false).Roles() {
		roles = append(roles, r.ID, r.ID)
	}
	for _, id := range assigned {
		if err := w.server.AssignRole("app", id, pick(d, "role", roles...)); err != nil {
			d.Fatal(err)
		}
	}
	d.mappings(w)
}

// activeByRole disables who has one of the gallery's two roles.
const activeByRole = `Switch(SingleAppRoleAssignment([appRoleAssignments]), Not([IsSoftDeleted]), ` +
	`"msiam_access", "False")`

const managerTarget = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"

// mappings draws rows, actions and filters.
func (d draws) mappings(w *world) {
	w.schema(func(users, groups map[string]any) {
		flows := "Add, Update, Delete"
		if d.chance("odd actions", 4) {
			flows = pick(d, "actions", "Update, Delete", "Add, Delete", "Add, Update")
		}
		users["flowTypes"] = flows
		groups["enabled"] = !d.chance("no groups", 6)
		attribute, function := attributeRow, functionRow
		constant := func(target, value string) map[string]any {
			return map[string]any{
				"targetAttributeName": target,
				"flowType":            "Always",
				"flowBehavior":        "FlowWhenChanged",
				"matchingPriority":    0,
				"source": map[string]any{
					"type":       "Constant",
					"name":       value,
					"expression": `"` + value + `"`,
					"parameters": []any{},
				},
			}
		}
		match := [3]int{1, 0, 0} // userName, externalId, e-mail
		switch {
		case d.chance("matched by id", 3):
			match = [3]int{0, 1, 0}
		case d.chance("matched by e-mail", 10):
			match = [3]int{2, 0, 1}
		case d.chance("matched by nothing", 25):
			match = [3]int{}
		}
		rows := []any{
			attribute("userName", "userPrincipalName", match[0]),
			attribute("externalId", "objectId", match[1]),
			attribute("displayName", "displayName", 0),
		}
		email := attribute(emailTarget, pick(d, "e-mail of", "mail", "mail", "userPrincipalName"), match[2])
		if match[2] == 0 && d.chance("coalesced", 4) {
			email = function(emailTarget, "Coalesce([mail], [userPrincipalName])", "Coalesce")
		}
		rows = append(rows, email)
		switch {
		case match[1] == 1 && d.chance("some without an id", 8):
			rows[1] = function("externalId", `IIF([department]="Legal", "", [objectId])`, "IIF")
			rows[1].(map[string]any)["matchingPriority"] = 1
		case d.chance("a row that fails", 25):
			rows = append(rows, function("title", `Item(Split([department], ","), 3)`, "Item"))
		}
		if d.chance("managers", 3) {
			rows = append(rows, attribute(managerTarget, "manager", 0))
		}
		switch {
		case d.chance("active by role", 6):
			rows = append(rows, function("active", activeByRole, "Switch"))
		case d.chance("no active", 8):
		case d.chance("never active", 12):
			rows = append(rows, constant("active", "False"))
		default:
			rows = append(rows, function("active", "Not([IsSoftDeleted])", "Not"))
		}
		users["attributeMappings"] = rows
		none := func() map[string]any {
			return map[string]any{"groups": []any{}, "inputFilterGroups": []any{}, "categoryFilterGroups": []any{}}
		}
		scope := none()
		if d.chance("a filter", 4) {
			scope[pick(d, "kind of filter", "groups", "inputFilterGroups")] = []any{map[string]any{
				"name": "f", "clauses": []any{
					map[string]any{
						"sourceOperandName": "department",
						"operatorName":      pick(d, "operator", "EQUALS", "NOT EQUALS"),
						"targetOperand":     map[string]any{"values": []string{"Sales"}},
					},
				},
			}}
		}
		users["scope"] = scope
	})
}

// change draws one change between two cycles, and does it; changeTenant where there
// is no job.
func (d draws) change(w *world) string       { return d.changeOne(w, "job") }
func (d draws) changeTenant(w *world) string { return d.changeOne(w, "type") }

func (d draws) changeOne(w *world, also string) string {
	id := pick(d, "whom", people...)
	put := func(properties map[string]any) {
		properties["id"] = id
		raw, err := json.Marshal(properties)
		if err == nil {
			_, err = w.server.PutUser(raw)
		}
		if err != nil {
			d.Fatal(err)
		}
	}
	group := pick(d, "which group", "g-staff", "g-below", "g-team", "g-mail")
	what := pick(
		d,
		"what",
		"mail",
		"mail",
		"name",
		"name",
		"enabled",
		"department",
		"join",
		"leave",
		"rename group",
		"claim",
		"account",
		"account",
		"hire",
		"hire",
		"manager",
		also,
		"upn",
	)
	switch what {
	case "mail":
		put(map[string]any{"mail": id + pick(d, "tag", "", ".new") + "@" + pick(d, "new home", homes...)})
	case "name":
		put(map[string]any{"displayName": fmt.Sprintf("%s %d", id, rapid.IntRange(1, 9).Draw(d.T, "n"))})
	case "manager":
		var manager any
		if !d.chance("nobody", 4) {
			manager = map[string]any{"id": pick(d, "manager", people...)}
		}
		put(map[string]any{"manager": manager})
	case "upn":
		put(map[string]any{"userPrincipalName": id + pick(d, "tag", ".x", ".y") + "@company.com", "userType": "Member"})
	case "hire":
		hired := pick(d, "hired", "fay", "gil")
		user := d.user(hired)
		if mail := w.mailOf(id); d.chance("rehired", 2) && mail != "" {
			// Beside the old account, which is disabled and keeps its address.
			user["mail"] = mail
			put(map[string]any{"accountEnabled": false})
		}
		raw, err := json.Marshal(user)
		if err == nil {
			_, err = w.server.PutUser(raw)
		}
		if err != nil {
			d.Fatal(err)
		}
		_ = w.server.AddMember(group, hired)
		return what + " " + hired
	case "type":
		put(map[string]any{"userType": pick(d, "type", "Member", "Guest")})
	case "enabled":
		put(map[string]any{"accountEnabled": pick(d, "enabled", true, false)})
	case "department":
		put(map[string]any{"department": pick(d, "department", "Sales", "Legal")})
	case "join":
		_ = w.server.AddMember(group, id) // a member already: nothing
	case "leave":
		_ = w.server.RemoveMember(group, id)
	case "rename group":
		raw := fmt.Sprintf(`{"id":%q,"displayName":%q}`, group, "Renamed "+group)
		if _, err := w.server.PutGroup([]byte(raw)); err != nil {
			d.Fatal(err)
		}
	case "claim":
		if err := w.server.SetDomainClaim(
			organization,
			pick(d, "domain", "company.com", "other.com"),
			pick(d, "status", "verified", "unverified"),
		); err != nil {
			d.Fatal(err)
		}
	case "account":
		d.account(w)
	case "job":
		d.mappings(w)
	}
	return what + " " + id
}

// account changes an account in Atlassian, by hand.
func (d draws) account(w *world) {
	s := w.read()
	if len(s.organization.Accounts) == 0 {
		return
	}
	a := pick(d, "account", s.organization.Accounts...)
	change := map[string]any{
		"accountId":        a.AccountID,
		"email":            a.Email,
		"claimStatus":      a.ClaimStatus,
		"accountStatus":    a.AccountStatus,
		"status":           a.Status,
		"membershipStatus": a.MembershipStatus,
	}
	switch pick(d, "by hand", "deactivate", "suspend", "delete") {
	case "deactivate":
		change["accountStatus"], change["status"] = "inactive", "deactivated"
	case "suspend":
		change["status"], change["membershipStatus"] = "suspended", "suspended"
	case "delete":
		change["status"] = "for_deletion"
	}
	raw, err := json.Marshal(change)
	if err == nil {
		err = w.server.PutAccount(organization, raw)
	}
	if err != nil {
		d.Fatal(err)
	}
}

// attributeRow maps an attribute, functionRow the value of an expression.
func attributeRow(target, source string, priority int) map[string]any {
	return map[string]any{
		"targetAttributeName": target,
		"flowType":            "Always",
		"flowBehavior":        "FlowWhenChanged",
		"matchingPriority":    priority,
		"source": map[string]any{
			"type": "Attribute", "name": source, "expression": "[" + source + "]", "parameters": []any{},
		},
	}
}

func functionRow(target, expression, name string) map[string]any {
	return map[string]any{
		"targetAttributeName": target,
		"flowType":            "Always",
		"flowBehavior":        "FlowWhenChanged",
		"matchingPriority":    0,
		"source": map[string]any{
			"type": "Function", "name": name, "expression": expression, "parameters": []any{},
		},
	}
}

// marshal is what can't fail: values of this package.
func marshal(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}
