package simulator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// The table of [cross-tenant 3], row by row: who is in the target before, how the mapping applies,
// which constant it has, what comes out.
func TestCrossTenantUserType(t *testing.T) {
	const created, guest, member = "", "Guest", "Member"
	for _, test := range []struct{ before, flowType, constant, want string }{
		{created, "ObjectAddOnly", "Member", "Member"},
		{created, "ObjectAddOnly", "Guest", "Guest"},
		{created, "Always", "Member", "Member"},
		{created, "Always", "Guest", "Guest"},
		{guest, "ObjectAddOnly", "Member", "Guest"},
		{guest, "Always", "Member", "Member"},
		{member, "ObjectAddOnly", "Guest", "Member"},
		{member, "Always", "Guest", "Guest"},
	} {
		t.Run(fmt.Sprint(test), func(t *testing.T) {
			var there []string
			if test.before != created {
				there = append(there, invited("known", "ann@company.com", test.before, "Accepted"))
			}
			b := newBridge(t, there...)
			b.mapType(test.constant, test.flowType)
			b.assign("ann")
			b.cycle()
			assert.Equal(t, "type", b.types(), "ann:"+test.want)
			if test.before != created {
				assert.Equal(t, "matched, not made anew", b.in("ann")["id"], any("known"))
				assert.Equal(t, "and updated", b.in("ann")["displayName"], any("ann"))
			}
			assert.Equal(
				t,
				"dynamic groups follow",
				len(b.target.get("/v1.0/groups/g-guests/members").values()) == 1,
				test.want == "Guest",
			)
		})
	}
}

// An internal user of the target never matches, whatever the mail.
func TestCrossTenantInternalNeverMatched(t *testing.T) {
	b := newBridge(t)
	b.assign("ann")
	assert.Equal(t, "log", strings.Split(b.cycle(), "; ")[0], "ann create success")
	b.user("ann", `"mail":"ann@host.com"`)
	b.cycle()
	assert.Equal(t, "own", b.target.get("/v1.0/users/own").text("displayName"), "Ann of the host")
	if id, err := b.target.server.AlternativeSecurityID("own"); id != "" || err != nil {
		t.Errorf("%q %v", id, err)
	}
}

// Whoever has no mail on a verified domain isn't created; who is there stays [cross-tenant 1, D].
func TestCrossTenantMailNotVerified(t *testing.T) {
	b := newBridge(t)
	b.assign("ann", "bea")
	b.user("ann", `"mail":"ann@gmail.com"`)
	b.cycle()
	assert.Equal(t, "there", b.types(), "bea:Member")
	b.user("bea", `"mail":"bea@gmail.com"`)
	b.user("ann", `"mail":"ann@company.com"`)
	b.cycle()
	assert.Equal(t, "there", b.types(), "ann:Member bea:Member")
}

// A member who becomes a guest at home is left alone, as whoever fails a filter on input.
func TestCrossTenantBecomesGuest(t *testing.T) {
	b := newBridge(t)
	b.assign("ann")
	b.cycle()
	b.user("ann", `"userType":"Guest","jobTitle":"Lead"`)
	assert.Equal(t, "log", b.cycle(), "ann other skipped EntrySynchronizationSkipped")
	assert.Equal(t, "said once", b.cycle(), "")
	assert.Equal(t, "there", b.types(), "ann:Member")
	b.user("ann", `"userType":"Member"`)
	assert.Equal(t, "back", b.cycle(), "ann update success")
}

// What the target keeps for itself doesn't flow, whatever is mapped.
func TestCrossTenantReadOnly(t *testing.T) {
	b := newBridge(t)
	b.schema(func(s rawjson.Object) {
		addMapping(
			s,
			rawjson.Object{
				"targetAttributeName": "userState",
				"source":              rawjson.Object{"expression": `"PendingAcceptance"`},
			},
		)
		addMapping(
			s,
			rawjson.Object{
				"targetAttributeName": "extensionAttribute1",
				"source":              rawjson.Object{"expression": "[department]"},
			},
		)
		addMapping(
			s,
			rawjson.Object{
				"targetAttributeName": "extensionAttribute2",
				"source":              rawjson.Object{"expression": "[surname]"},
			},
		)
	})
	b.assign("ann")
	b.cycle()
	assert.Equal(t, "state", b.in("ann")["externalUserState"], any("Accepted"))
	u := b.target.get("/v1.0/users/" + b.in("ann")["id"].(string) + "?$select=onPremisesExtensionAttributes")
	assert.Equal(
		t, "extensions", string(rawjson.Marshal(u.body["onPremisesExtensionAttributes"])),
		`{"extensionAttribute1":"Sales","extensionAttribute2":"X"}`,
	)
	assert.Equal(t, "content", strings.Contains(b.full(), "ann other skipped RedundantExport"), true)
}

// Whom a cycle makes looks as [cross-tenant 8] says.
func TestCrossTenantCreated(t *testing.T) {
	b := newBridge(t)
	b.user("ann", `"officeLocation":"Berlin","businessPhones":["+49 30 1"],"accountEnabled":false`)
	b.assign("ann")
	b.cycle()
	u := b.in("ann")
	for name, want := range map[string]string{
		"userPrincipalName": `"ann_company.com#EXT#@host.onmicrosoft.com"`, "userType": `"Member"`,
		"creationType":      `"Invitation"`,
		"externalUserState": `"Accepted"`, "showInAddressList": "true", "mail": `"ann@company.com"`,
		"otherMails":     `["ann@company.com"]`,
		"accountEnabled": "false", "department": `"Sales"`, "officeLocation": `"Berlin"`, "businessPhones": `["+49 30 1"]`,
		"identities": `[{"issuer":"ExternalAzureAD","issuerAssignedId":null,"signInType":"federated"},{"issuer":"host.onmicrosoft.com","issuerAssignedId":"ann_company.com#EXT#@host.onmicrosoft.com","signInType":"userPrincipalName"}]`,
	} {
		assert.Equal(t, name, string(rawjson.Marshal(u[name])), want)
	}
	id, err := b.target.server.AlternativeSecurityID(u["id"].(string))
	assert.Equal(t, "what it is matched by", fmt.Sprint(id, err), "ann<nil>")
	entry := b.get("/v1.0/auditLogs/provisioning?$filter=provisioningAction eq 'create'").want(t, 200).values()[0]
	assert.Equal(t, "target", at(entry, "targetIdentity", "id"), u["id"])
	assert.Equal(t, "the target logs nothing", len(b.target.get("/v1.0/auditLogs/provisioning").values()), 0)
	assert.Equal(
		t, "count", string(rawjson.Marshal(at(b.get(b.job).body, "status", "synchronizedEntryCountByType"))),
		`[{"key":"User to User","value":1}]`,
	)
}

// Internal members alone are taken, those who are assigned directly or by an assigned group; all with SyncAll.
func TestCrossTenantScope(t *testing.T) {
	b := newBridge(t)
	b.assign("ann", "g-all", "guest", "ext")
	log := b.cycle()
	for _, want := range []string{
		"ann create success", "bea create success", "dan other skipped NotEffectivelyEntitled",
		"guest other skipped EntrySynchronizationSkipped", "ext other skipped EntrySynchronizationSkipped",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("no %q in %s", want, log)
		}
	}
	assert.Equal(t, "there", b.types(), "ann:Member bea:Member")
	b.secrets("SyncAll", "true")
	b.cycle()
	assert.Equal(t, "all", b.types(), "ann:Member bea:Member cid:Member dan:Member")
	b.schema(func(s rawjson.Object) {
		users(s)["scope"].(rawjson.Object)["groups"] = scopeOf("department", "EQUALS", "Sales")["groups"]
	})
	b.user("cid", `"department":"Legal"`)
	if log := b.cycle(); !strings.Contains(log, "cid delete success") {
		t.Error(log)
	}
	assert.Equal(t, "filtered", b.types(), "ann:Member bea:Member dan:Member")
}

// Edits in the target stay until the source user changes, then every Always attribute is written, and the
// account enabled again; a full cycle does it, too. What flows at creation alone stays.
func TestCrossTenantWriteBack(t *testing.T) {
	b := newBridge(t)
	b.mapType("Member", "Always")
	b.assign("ann", "bea")
	b.cycle()
	edit := `{"userType":"Guest","department":"Edited","accountEnabled":false}`
	shown := func(id string) string {
		u := b.in(id)
		return fmt.Sprint(u["userType"], " ", u["department"], " ", u["accountEnabled"])
	}
	b.edit("ann", edit)
	b.edit("bea", edit)
	assert.Equal(t, "nobody changed", b.cycle(), "")
	assert.Equal(t, "the edit stays", shown("ann"), "Guest Edited false")
	b.user("ann", `"employeeType":"Contractor"`)
	assert.Equal(t, "nothing that is mapped", b.cycle(), "")
	b.user("ann", `"jobTitle":"Lead"`)
	assert.Equal(t, "a change of the source user", b.cycle(), "ann update success")
	assert.Equal(t, "writes all of it back", shown("ann"), "Member Sales true")
	assert.Equal(t, "of that user alone", shown("bea"), "Guest Edited false")
	assert.Equal(
		t, "what was written",
		strings.Contains(
			string(b.get("/v1.0/auditLogs/provisioning").raw),
			`{"displayName":"userType","newValue":"Member","oldValue":"Guest"}`,
		),
		true,
	)
	assert.Equal(t, "a full cycle", strings.Contains(b.full(), "bea update success"), true)
	assert.Equal(t, "writes the others back", shown("bea"), "Member Sales true")
	assert.Equal(t, "and is content", strings.Contains(b.full(), "bea other skipped RedundantExport"), true)

	b.mapType("Member", "ObjectAddOnly")
	b.cycle()
	b.edit("ann", `{"userType":"Guest"}`)
	b.user("ann", `"jobTitle":"Chief"`)
	assert.Equal(t, "a change", b.cycle(), "ann update success")
	b.full()
	assert.Equal(t, "doesn't write what is for creation", shown("ann"), "Guest Sales true")
}

// Switching the mapping to Always reaches everyone with the initial cycle that follows a saved schema.
func TestCrossTenantSwitchToAlways(t *testing.T) {
	b := newBridge(t, invited("known", "ann@company.com", "Guest", "Accepted"))
	b.assign("ann")
	b.cycle()
	assert.Equal(t, "before", b.types(), "ann:Guest")
	b.mapType("Member", "Always")
	b.cycle()
	assert.Equal(t, "after", b.types(), "ann:Member")
}

// Each way out of scope soft-deletes; coming back restores.
func TestCrossTenantDeprovisions(t *testing.T) {
	b := newBridge(t)
	b.assign("ann", "bea", "cid", "dan")
	b.cycle()
	b.user("ann", `"accountEnabled":false`)
	assert.Equal(t, "disabling is an update", b.cycle(), "ann update success")
	assert.Equal(t, "disabled", b.in("ann")["accountEnabled"], any(false))
	b.assign("bea", "cid")
	if err := b.server.DeleteObject("bea", true); err != nil {
		t.Fatal(err)
	}
	if err := b.server.DeleteObject("cid", false); err != nil {
		t.Fatal(err)
	}
	assert.Equal(
		t, "log", b.cycle(),
		"ann other skipped NotEffectivelyEntitled; bea delete success; cid delete success; dan delete success",
	)
	assert.Equal(t, "who was disabled before is left", b.types(), "ann:Member")
	bin := "/v1.0/directory/deletedItems/microsoft.graph.user"
	assert.Equal(t, "softly", len(b.target.get(bin).values()), 3)
	assert.Equal(t, "once", b.cycle(), "")
	b.assign("bea", "cid", "dan")
	assert.Equal(t, "back in scope", b.cycle(), "dan update success")
	assert.Equal(t, "restored", b.types(), "ann:Member dan:Member")
	assert.Equal(t, "left in the bin", len(b.target.get(bin).values()), 2)

	// One whom the target deleted isn't restored, nor made anew.
	b.target.do("DELETE", "/v1.0/users/"+b.in("dan")["id"].(string), "").want(t, 204)
	assert.Equal(t, "nothing to do", b.cycle(), "")
	b.user("dan", `"jobTitle":"Lead"`)
	assert.Equal(t, "a change", b.cycle(), "dan other skipped EntrySynchronizationSkipped")
	assert.Equal(t, "stays deleted", b.types(), "ann:Member")
}

// Without Delete in the flow types nobody goes; SkipOutOfScopeDeletions changes nothing.
func TestCrossTenantWithoutDelete(t *testing.T) {
	b := newBridge(t)
	b.secrets("SkipOutOfScopeDeletions", "True")
	b.assign("ann", "bea")
	b.cycle()
	b.assign("bea")
	assert.Equal(t, "skipping doesn't work here", b.cycle(), "ann delete success")
	b.schema(func(s rawjson.Object) { users(s)["flowTypes"] = "Add, Update" })
	b.cycle()
	b.assign()
	assert.Equal(t, "log", b.cycle(), "bea other skipped NotEffectivelyEntitled")
	assert.Equal(t, "there", b.types(), "bea:Member")
	assert.Equal(t, "said once", b.cycle(), "")
}
