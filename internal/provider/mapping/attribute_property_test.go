package mapping

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
)

// oddLists are attribute lists as no documentation shows them, in a schema of one row.
var oddLists = map[string]string{
	"names":      `[{"id":"1","name":"App/One 100%","objects":[{"name":"U\u0073er/\u00e9","attributes":[{"name":"a\u002fb","type":"string"},{"name":"e\u0301","type":"Reference","referencedObjects":[{"referencedObjectName":"U"}]},{"name":"${x}%{y}\"","type":"Text","mutability":"readWrite"}]}]}]`,
	"no list":    `[ {"name":"App", "objects" : [ {"name":"User"} , {"attributes":null,"name":"Group"}, {"name":"Role","attributes":{}} ] } ]`,
	"odd lists":  `[{"name":"App","objects":[{"name":"User","attributes":[null, 7 ,{"type":"String"},{"name":"a","required":"yes","multivalued":null,"caseExact":1,"defaultValue":5,"apiExpressions":[null,{"key":"k"},{"key":"v","value":"<a>&b"}],"metadata":null}]}]},{"objects":null},{"name":null,"objects":[{"name":null,"attributes":[]}]}]`,
	"an example": `[{"id":"66e4a8cc","name":"Azure Active Directory","objects":[{"name":"User","attributes":[{"anchor":true,"caseExact":false,"defaultValue":null,"metadata":[],"multivalued":false,"mutability":"ReadWrite","name":"objectId","required":false,"referencedObjects":[],"type":"String"}]}]},{"name":"Salesforce","readOnly":false,"objects":[{"name":"User","attributes":[{"name":"Id","anchor":true,"mutability":"ReadOnly","type":"String","required":true}]}]}]`,
}

// An attribute is added to every list that a schema has, planned again, imported and taken
// away, and each attribute there is imported as it is; the service receives what it gave,
// but for that attribute.
func TestAttribute_Schemas(t *testing.T) {
	raws := map[string]string{}
	files, err := filepath.Glob("testdata/schemas/*.json")
	if err != nil || len(files) < 6 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		raws[filepath.Base(file)] = string(raw)
	}
	gallery := strings.TrimSpace(raws["gallery.json"])
	for name, list := range oddLists {
		raws[name] = `{"directories": ` + list + "," + strings.TrimPrefix(gallery, "{")
	}
	lists, attributes := 0, 0
	for name, raw := range raws {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			_, job := l.Job()
			if err := l.SetSchema(app, []byte(raw)); err != nil {
				t.Fatal(err)
			}
			data, said := l.Another().ReadData(schemaName, map[string]any{"service_principal_id": app, "job_id": job})
			if said != "" {
				t.Fatal(said)
			}
			directories, _ := data.Get("directories").([]any)
			for _, d := range directories {
				d := d.(map[string]any)
				for _, o := range d["objects"].([]any) {
					o := o.(map[string]any)
					where := map[string]any{
						"service_principal_id": app, "job_id": job, "directory": d["name"], "object": o["name"],
					}
					if d["name"] == "" || o["name"] == "" {
						continue // no configuration can name it
					}
					x := &listTrip{lab: l, t: t, raw: []byte(raw), where: where}
					for _, a := range o["attributes"].([]any) {
						if a := a.(map[string]any); a["name"] != "" {
							x.imported(a)
							attributes++
						}
					}
					x.added("urn:x:2.0:User:new/ä%2F\"${q}")
					lists++
				}
			}
		})
	}
	if lists < 8 || attributes < 14 {
		t.Errorf("%d lists and %d attributes were tried", lists, attributes)
	}
}

type listTrip struct {
	*lab
	t     *testing.T
	raw   []byte
	where map[string]any
}

func (x *listTrip) id(name string) string {
	return strings.Join([]string{app, x.where["job_id"].(string), syncjob.Escaped(x.where["directory"].(string)),
		syncjob.Escaped(x.where["object"].(string)), name}, "/")
}

// imported imports an attribute and plans it as it is.
func (x *listTrip) imported(a map[string]any) {
	x.t.Helper()
	state, said := x.Another().Import(attribute, x.id(a["name"].(string)))
	if said != "" || !state.Exists() {
		x.t.Errorf("importing %v: %v, %s", a, state.Value, said)
		return
	}
	config := providertest.With(
		x.where,
		"name",
		a["name"],
		"default",
		a["default"],
		"required",
		a["required"] == true,
		"multivalued",
		a["multivalued"] == true,
		"case_exact",
		a["case_exact"] == true,
	)
	for _, name := range []string{"type", "mutability"} {
		if a[name] != "" {
			config[name] = a[name]
		}
	}
	if pairs, _ := a["api_expressions"].(map[string]any); len(pairs) > 0 {
		config["api_expressions"] = pairs
	}
	if p := x.Another().Plan(attribute, state, config); p.Said != "" {
		x.t.Errorf("planning %v: %s", a, p.Said)
	}
}

// added adds an attribute and takes it away.
func (x *listTrip) added(name string) {
	x.t.Helper()
	config := providertest.With(x.where, "name", name)
	state := x.Another().Make(attribute, providertest.State{}, config)
	before := bytes.TrimSpace(x.raw)
	received := x.received()
	at := 0
	for at < len(before) && at < len(received) && before[at] == received[at] {
		at++
	}
	end := 0
	for end < len(before)-at && end < len(received)-at && before[len(before)-1-end] == received[len(received)-1-end] {
		end++
	}
	if old := string(before[at : len(before)-end]); !slices.Contains([]string{"", "null", "{}"}, old) {
		x.t.Errorf("adding to %v, the service received other bytes in place of %q", x.where, old)
	}
	if p := x.Another().Plan(attribute, state, config); p.Said != "" {
		x.t.Errorf("planned again: %s", p.Said)
	}
	imported, said := x.Another().Import(attribute, x.id(name))
	if said != "" || imported.Text("id") != state.Text("id") {
		x.t.Errorf("imported: %v, %s", imported.Value, said)
	}
	if _, said := x.Another().Destroy(attribute, state); providertest.ErrorsOf(said) != nil {
		x.t.Errorf("destroyed: %s", said)
	}
	// A list that wasn't there stays, empty.
	after := x.received()
	if !bytes.Equal(after, before) && len(after) > len(before)+len(`,"attributes":[]`) {
		x.t.Errorf("after %v is gone, the service received\n%s\nof\n%s", x.where, short(after), short(before))
	}
	if err := x.SetSchema(app, x.raw); err != nil {
		x.t.Fatal(err)
	}
}

func (x *listTrip) received() []byte {
	x.t.Helper()
	_, received, err := x.Schemas(app)
	if err != nil {
		x.t.Fatal(err)
	}
	return received
}
