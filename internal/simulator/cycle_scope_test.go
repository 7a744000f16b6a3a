package simulator

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// The vectors of scoping filters [expressions 9]: every one as it says.
func TestScopingVectors(t *testing.T) {
	file, err := os.Open("testdata/scoping.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	many := 0
	for lines := bufio.NewScanner(file); lines.Scan(); many++ {
		var v struct {
			ID         string
			Filter     rawjson.Object
			Attributes map[string]json.RawMessage
			Expect     json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		values := map[string]mapped{}
		for name, raw := range v.Attributes {
			values[name] = mappedJSON(string(raw))
		}
		var got verdict
		got.applyFilters(rawjson.Object{"scope": v.Filter}, values, false)
		switch {
		case strings.HasPrefix(string(v.Expect), "{"):
			if got.err == nil {
				t.Errorf("%s: no error", v.ID)
			}
		case got.err != nil || got.filter != (string(v.Expect) == "true"):
			t.Errorf("%s: %v %v, want %s", v.ID, got.filter, got.err, v.Expect)
		}
	}
	if many < 40 {
		t.Errorf("%d vectors", many)
	}
}

// An external user's principal name is taken apart at the last underscore [graph 1.6].
func TestPlainPrincipal(t *testing.T) {
	for name, want := range map[string]string{
		"ann_lee_fabrikam.com#EXT#@company.onmicrosoft.com": "ann_lee@fabrikam.com",
		"gus_fabrikam.com#ext#@company.onmicrosoft.com":     "gus@fabrikam.com",
		"oscar@company.com":  "oscar@company.com",
		"x#EXT#@company.com": "x#EXT#@company.com",
	} {
		same(t, name, plainPrincipal(name), want)
	}
}

// The attributes of a user, by the names that provisioning has for them.
func TestSourceValues(t *testing.T) {
	c := newClient(t)
	if _, err := c.server.PutUser([]byte(`{"id":"` + oscar + `","officeLocation":"R1","mobilePhone":"m","extension_0123456789abcdef0123456789abcdef_cost":"7","employeeType":"Contractor"}`)); err != nil {
		t.Fatal(err)
	}
	st := c.server.store
	ref, _ := st.lookup(oscar)
	values := st.sourceValues(st.slots[ref].obj)
	for name, want := range map[string]string{
		"objectId": oscar, "physicalDeliveryOfficeName": "R1", "mobile": "m", "telephoneNumber": "+1 425 555 0109", "extensionAttribute1": "blue",
		"accountEnabled": "True", "IsSoftDeleted": "False", "extension_0123456789abcdef0123456789abcdef_cost": "7", "employeeType": "Contractor",
	} {
		same(t, name, values[name].text(), want)
	}
	for _, name := range []string{"userType", "extensionAttribute2", "dirSyncEnabled", "noSuch"} {
		if v := values[name]; !v.null() {
			t.Errorf("%s is %v", name, v)
		}
	}
}

// NOT EQUALS on null is a switch, and always holds on input, for the service's own filter's sake.
func TestNotEqualsOnNull(t *testing.T) {
	groups := []any{rawjson.Object{"name": "g", "clauses": []any{rawjson.Object{
		"sourceOperandName": "userState", "operatorName": "NOT EQUALS", "targetOperand": rawjson.Object{"values": []any{"PendingAcceptance"}},
	}}}}
	for _, x := range []struct {
		kind         string
		onNull, want bool
	}{{"groups", false, false}, {"groups", true, true}, {"inputFilterGroups", false, true}} {
		var v verdict
		v.applyFilters(rawjson.Object{"scope": rawjson.Object{x.kind: groups}}, map[string]mapped{}, x.onNull)
		same(t, x.kind, v.filter, x.want)
	}
}
