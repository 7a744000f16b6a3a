package mapping

import (
	"bytes"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
)

const codeName = "urn:ietf:params:scim:schemas:extension:contoso:2.0:User:officeCode"

func attributeOf(job string, more ...any) map[string]any {
	return providertest.With(map[string]any{
		"service_principal_id": app, "job_id": job, "directory": "customappsso", "object": target, "name": codeName,
	}, more...)
}

// definitionText is the definition as the service has it, "" for none.
func definitionText(schema []byte) string {
	at := bytes.Index(schema, []byte(`"name":"`+codeName+`"`))
	if at < 0 {
		return ""
	}
	from := bytes.LastIndexByte(schema[:at], '{')
	return string(schema[from : at+bytes.IndexByte(schema[at:], '}')+1])
}

func TestAttribute_Life(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	p := l.Plan(attribute, providertest.State{}, attributeOf(job))
	providertest.Wants(t, "plan", p.Said, "WARNING: Saving the attribute list starts a full cycle")
	s, said := p.Apply()
	id := app + "/" + job + "/customappsso/" + target + "/" + codeName
	if said != "" || s.Text("id") != id || s.Text("type") != "String" || s.Text("mutability") != "ReadWrite" {
		t.Fatalf("create: got %v, %s", s.Value, said)
	}
	now, said := l.Another().Read(attribute, s)
	if said != "" || !now.Value.Equal(s.Value) {
		t.Errorf("read: got %v, %s", now.Value, said)
	}
	imported, said := l.Another().Import(attribute, id)
	if said != "" || imported.Text("name") != codeName || imported.Text("type") != "String" {
		t.Errorf("import: got %v, %s", imported.Value, said)
	}
	// A row can use it now.
	row := providertest.With(mappingOf(job), "attributes", map[string]any{codeName: row("[city]")})
	mapped := l.Another().Make(mappingName, providertest.State{}, row)
	if p := l.Another().Plan(attribute, s, attributeOf(job)); p.Said != "" {
		t.Errorf("planned again: %s", p.Said)
	}
	s = l.Another().Make(attribute, s, attributeOf(job, "type", "Integer", "required", true, "default", ""))
	text := definitionText(l.Schema())
	for _, want := range []string{`"type":"Integer"`, `"required":true`, `"defaultValue":""`, `"multivalued":false`} {
		if !strings.Contains(strings.ReplaceAll(text, " ", ""), want) {
			t.Errorf("update: got %s, want %s", text, want)
		}
	}
	_, said = l.Another().Destroy(attribute, s)
	providertest.Wants(
		t,
		"destroy while it is used",
		said,
		"ERROR: Destroying the attribute failed",
		"a row of",
		"leaves rows",
	)
	if _, said := l.Another().Destroy(mappingName, mapped); providertest.ErrorsOf(said) != nil {
		t.Fatal(said)
	}
	if _, said := l.Another().
		Destroy(attribute, s); providertest.ErrorsOf(said) != nil ||
		definitionText(l.Schema()) != "" {
		t.Errorf("destroy: %s, %s", said, definitionText(l.Schema()))
	}
}

func TestAttribute_Read(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	s := l.Make(attribute, providertest.State{}, attributeOf(job))
	changed := l.Another().Make(attribute, s, attributeOf(job, "case_exact", true))
	now, said := l.Another().Read(attribute, s)
	if said != "" || now.Get("case_exact") != true {
		t.Errorf("drift: got %v, %s", now.Value, said)
	}
	if _, said := l.Another().Destroy(attribute, changed); providertest.ErrorsOf(said) != nil {
		t.Fatal(said)
	}
	if now, said := l.Another().Read(attribute, s); said != "" || !now.Value.IsNull() {
		t.Errorf("gone: got %v, %s", now.Value, said)
	}
	l.Fails(getSchema, 403)
	_, said = l.Another().Read(attribute, s)
	providertest.Wants(t, "refused", said, "ERROR: Reading the attribute failed", "Synchronization.Read")
}

func TestAttribute_Create_Refuses(t *testing.T) {
	for name, x := range map[string]struct {
		more  []any
		fault func(l *lab, job string)
		want  []string
	}{
		"no such directory": {[]any{"directory", "Customappsso"}, nil, []string{"ERROR (directory): Creating the attribute failed", "It has: ", "customappsso"}},
		"no such object":    {[]any{"object", "Thing"}, nil, []string{"ERROR (object): Creating the attribute failed", "It has: ", target}},
		"another is there": {nil, func(l *lab, job string) {
			l.Another().Make(attribute, providertest.State{}, attributeOf(job, "type", "Boolean"))
		}, []string{"ERROR: Creating the attribute failed", "says something else of it", "Import it", codeName}},
		"refused": {nil, func(l *lab, _ string) { l.Fails(putSchema, 400) }, []string{"ERROR: Creating the attribute failed", "400"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			_, job := l.Job()
			if x.fault != nil {
				x.fault(l, job)
			}
			_, said := l.Plan(attribute, providertest.State{}, attributeOf(job, x.more...)).Apply()
			providertest.Wants(t, "apply", said, x.want...)
		})
	}
	l := newLab(t)
	_, job := l.Job()
	l.Another().Make(attribute, providertest.State{}, attributeOf(job))
	if s := l.Another().Make(attribute, providertest.State{}, attributeOf(job)); s.Text("name") != codeName {
		t.Error("one that is as planned isn't taken over")
	}
	if said := l.Validate(attribute, attributeOf("x", "type", "Text")); !strings.Contains(said, "Text") {
		t.Errorf("type: %s", said)
	}
	_, said := l.Import(attribute, "a/b")
	providertest.Wants(t, "import", said, "Invalid import ID", "service_principal_id/job_id/directory/object/name")
}

// What the template defines is given back, not taken away.
func TestAttribute_Delete_Template(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	before := l.Schema()
	s, said := l.Import(attribute, app+"/"+job+"/customappsso/"+target+"/title")
	if said != "" {
		t.Fatal(said)
	}
	s, _ = l.Read(attribute, s)
	s = l.Another().Make(attribute, s, attributeOf(job, "name", "title", "case_exact", s.Get("case_exact") != true))
	if bytes.Equal(withoutVersion(before), withoutVersion(l.Schema())) {
		t.Fatal("nothing was written")
	}
	if _, said := l.Another().Destroy(attribute, s); providertest.ErrorsOf(said) != nil {
		t.Fatal(said)
	}
	if got := l.Schema(); !bytes.Contains(got, []byte(`"title"`)) {
		t.Errorf("got %s", got)
	}
}

func withoutVersion(schema []byte) []byte {
	at := bytes.Index(schema, []byte(`"version"`))
	if at < 0 {
		return schema
	}
	end := at + bytes.IndexAny(schema[at:], ",}")
	return append(bytes.Clone(schema[:at]), schema[end:]...)
}
