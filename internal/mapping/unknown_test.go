package mapping

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

const oneUnknown = `{"enabled":true,"flowTypes":"Add, Update","sourceObjectName":"User","targetObjectName":"u",
"attributeMappings":[
 {"targetAttributeName":"foreign","source":{"type":"Function","name":"DNComponent","expression":"DNComponent([dn], 1)"}},
 {"targetAttributeName":"elsewhere","source":{"type":"Attribute","name":"WorkerID","expression":"[WorkerID]"}},
 {"targetAttributeName":"case","source":{"type":"Attribute","name":"Mail","expression":"[Mail]"}},
 {"targetAttributeName":"reference","source":{"type":"Attribute","name":"manager","expression":"[manager]"}},
 {"targetAttributeName":"variable","source":{"type":"Constant","name":"%DomainFQDN%","expression":"%DomainFQDN%"}},
 {"targetAttributeName":"constant","defaultValue":"en_US","source":null},
 {"targetAttributeName":"nothing","defaultValue":null,"source":null},
 {"targetAttributeName":"shape","source":7},
 {"targetAttributeName":"fine","matchingPriority":1,"source":{"type":"Attribute","name":"objectId","expression":"[objectId]"}}],
"scope":{"groups":[%s],"inputFilterGroups":[],"categoryFilterGroups":null}}`

// One thing that isn't understood makes one thing unknown.
func TestCompile_OneUnknown(t *testing.T) {
	d := user(t, nil)
	unknown := `{"name":"x","clauses":[{"operatorName":"RESEMBLES","sourceOperandName":"department","targetOperand":{"values":["IT"]}}]}`
	reference := `{"name":"x","clauses":[{"operatorName":"IS NULL","sourceOperandName":"manager","targetOperand":null},
	 {"operatorName":"IS NULL","sourceOperandName":"objectId","targetOperand":null}]}`
	passes := `{"name":"y","clauses":[{"operatorName":"IS NOT NULL","sourceOperandName":"objectId","targetOperand":null}]}`
	fails := `{"name":"y","clauses":[{"operatorName":"IS NULL","sourceOperandName":"objectId","targetOperand":null}]}`
	for _, c := range []struct {
		groups string
		in     bool
		failed bool
	}{
		{passes, true, false},
		{unknown + "," + passes, true, false},
		{unknown + "," + fails, false, true},
		{reference, false, false}, // its second clause decides
		{`{"name":"none","clauses":[]},` + passes, true, false},
		{`{"name":"none","clauses":[]}`, false, true},
		{`7`, false, true},
	} {
		m, on, err := FromGraph([]byte(strings.Replace(oneUnknown, "%s", c.groups, 1)))
		if err != nil || !on {
			t.Fatal(on, err)
		}
		p, err := Compile(m, d, Env{})
		if err != nil {
			t.Fatal(err)
		}
		row := p.NewRow()
		list, in, err := p.Preview(row, 0)
		if in != c.in || (err != nil) != c.failed {
			t.Errorf("%s: got %v, %v", c.groups, in, err)
		}
		for _, x := range list {
			switch x.Target {
			case "fine", "constant":
				if x.Why != "" {
					t.Errorf("%s: got %q", x.Target, x.Why)
				}
			case "nothing":
				if x.Unknown || x.Failed || x.Why == "" {
					t.Errorf("%s: got %+v", x.Target, x)
				}
			case "variable":
				if !strings.Contains(x.Why, "can't be told") {
					t.Errorf("%s: got %+v", x.Target, x)
				}
			default:
				if !x.Unknown {
					t.Errorf("%s: got %+v, want it unknown", x.Target, x)
				}
			}
		}
	}
}

// Whole real schemas are read, and what Graph doesn't have isn't asked of it.
func TestFromGraph_RealSchemas(t *testing.T) {
	names, err := filepath.Glob("../provider/mapping/testdata/schemas/*.json")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	asked := map[string][]string{}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		mappings, err := directory.ObjectMappings(raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, one := range mappings {
			m, _, err := FromGraph([]byte(one))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !strings.EqualFold(m.Object.Source, "User") {
				continue
			}
			attributes := SourceAttributes([]string{one})
			asked[filepath.Base(name)] = append(asked[filepath.Base(name)], attributes...)
			if _, err := Compile(m, user(t, textsOf(attributes)), Env{}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if got := asked["workday.json"]; len(got) > 0 {
		t.Errorf("a job from Workday asks Graph for %v", got)
	}
	for _, want := range []string{"faxNumber", "mobilePhone", "businessPhones", "officeLocation", "streetAddress"} {
		if !slices.Contains(asked["gallery.json"], want) {
			t.Errorf("the gallery's rows don't ask for %s: %v", want, asked["gallery.json"])
		}
	}
}

func textsOf(names []string) map[string]string {
	out := map[string]string{}
	for _, n := range names {
		out[n] = `"x"`
	}
	return out
}
