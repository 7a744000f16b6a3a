package mapping

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

const directories = `{ "id":"s", "directories":[ {"id":"1","name":"Azure Active Directory","objects":[{"name":"User","attributes":[]}]},
 {"id":"2","name":"app","readOnly":false,"objects":[ {"name":"Group"},
  {"name":"User","attributes":[ {"anchor":true,"name":"id","type":"string","required":true,"mutability":"ReadOnly","x":[1, 2]},
   {"name":"tag","type":"String","mutability":"ReadWrite","apiExpressions":[{"key":"v1","value":"wd:X/text()"}],
    "metadata":[{"key":"IsCustomerDefined","value":"true"}],"referencedObjects":[{"referencedObjectName":"User","referencedProperty":null}]} ]}]}],
 "synchronizationRules":[{"id":"r","name":"R","sourceDirectoryName":"Azure Active Directory","targetDirectoryName":"app",
  "objectMappings":[{"sourceObjectName":"User","targetObjectName":"User","attributeMappings":[{"targetAttributeName":"tag","source":null}]}]}]}`

func TestSchema_Directories(t *testing.T) {
	s := parsed(t, directories)
	all := s.Directories()
	if len(all) != 2 || all[1].Name != "app" || len(all[1].Objects) != 2 || all[1].ReadOnly == nil ||
		*all[1].ReadOnly ||
		all[0].ReadOnly != nil {
		t.Fatalf("got %+v", all)
	}
	id, tag := all[1].Objects[1].Attributes[0], all[1].Objects[1].Attributes[1]
	if id.Type != "String" || id.Mutability != "ReadOnly" || !*id.Anchor || !*id.Required || id.Multivalued != nil {
		t.Errorf("id: got %+v", id)
	}
	if tag.APIExpressions["v1"] != "wd:X/text()" || tag.Metadata["IsCustomerDefined"] != "true" ||
		tag.References[0] != "User" {
		t.Errorf("tag: got %+v", tag)
	}
	if none := parsed(t, `{"synchronizationRules":[]}`).Directories(); none != nil {
		t.Errorf("no directories: got %+v", none)
	}
}

// An edit of the attribute list changes the bytes of one definition, and no others.
func TestSchema_SetDefinition(t *testing.T) {
	yes := true
	plain := Definition{Type: "String", Mutability: "ReadWrite"}
	for name, c := range map[string]struct {
		key       AttributeKey
		want      Definition
		old, text string // what is replaced by what; "" for nothing
	}{
		"a new one": {
			AttributeKey{"app", "User", "code"}, Definition{Type: "Integer", Mutability: "ReadWrite", Required: &yes},
			`"referencedProperty":null}]} ]`,
			`"referencedProperty":null}]},{"anchor":false,"apiExpressions":[],"caseExact":false,"defaultValue":null,` +
				`"flowNullValues":false,"metadata":[],"multivalued":false,"mutability":"ReadWrite","name":"code",` +
				`"required":true,"referencedObjects":[],"type":"Integer"} ]`,
		},
		"into an empty list": {
			AttributeKey{"Azure Active Directory", "User", "x"}, plain, `"attributes":[]`,
			`"attributes":[{"anchor":false,"apiExpressions":[],"caseExact":false,"defaultValue":null,` +
				`"flowNullValues":false,"metadata":[],"multivalued":false,"mutability":"ReadWrite","name":"x",` +
				`"required":false,"referencedObjects":[],"type":"String"}]`,
		},
		"the first of a kind": {
			AttributeKey{"app", "Group", "x"}, plain, `{"name":"Group"}`,
			`{"name":"Group","attributes":[{"anchor":false,"apiExpressions":[],"caseExact":false,"defaultValue":null,` +
				`"flowNullValues":false,"metadata":[],"multivalued":false,"mutability":"ReadWrite","name":"x",` +
				`"required":false,"referencedObjects":[],"type":"String"}]}`,
		},
		"one member": {
			AttributeKey{"app", "User", "id"}, Definition{Type: "String", Mutability: "ReadOnly"},
			`"required":true`, `"required":false`,
		},
		"the same":              {AttributeKey{"app", "User", "id"}, Definition{Type: "String", Mutability: "ReadOnly", Required: &yes}, "", ""},
		"expressions unmanaged": {AttributeKey{"app", "User", "tag"}, plain, "", ""},
		"another expression": {
			AttributeKey{"app", "User", "tag"},
			Definition{Type: "String", Mutability: "ReadWrite", APIExpressions: map[string]string{"v2": "<y>"}},
			`[{"key":"v1","value":"wd:X/text()"}]`, `[{"key":"v2","value":"<y>"}]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := parsed(t, directories)
			wrote, err := s.SetDefinition(c.key, c.want)
			raw, _ := s.Bytes()
			if want := strings.Replace(
				directories,
				c.old,
				c.text,
				1,
			); err != nil || string(raw) != want ||
				wrote != (c.old != "") {
				t.Errorf("%t, %v\ngot  %s\nwant %s", wrote, err, raw, want)
			}
			again := parsed(t, string(raw))
			if wrote, err := again.SetDefinition(c.key, c.want); wrote || err != nil {
				t.Errorf("written twice: %t, %v", wrote, err)
			}
		})
	}
}

func TestSchema_RemoveDefinition(t *testing.T) {
	key := AttributeKey{"app", "User", "tag"}
	s := parsed(t, directories)
	if wrote, err := s.RemoveDefinition(key, nil); !wrote || err != nil {
		t.Fatal(wrote, err)
	}
	raw, _ := s.Bytes()
	at, to := strings.Index(directories, ",\n   {\"name\":\"tag\""), strings.Index(directories, " ]}]}]")
	if want := directories[:at] + directories[to:]; string(raw) != want {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
	if wrote, err := parsed(t, string(raw)).RemoveDefinition(key, nil); wrote || err != nil {
		t.Error("removed twice", err)
	}
	// What the template has comes back.
	template := parsed(
		t,
		strings.Replace(directories, `"name":"tag","type":"String"`, `"name":"tag","type":"Integer"`, 1),
	)
	s = parsed(t, directories)
	wrote, err := s.RemoveDefinition(key, template)
	raw, _ = s.Bytes()
	if want, _ := template.Bytes(); !wrote || err != nil || string(raw) != string(want) {
		t.Errorf("%t %v\ngot  %s\nwant %s", wrote, err, raw, want)
	}
	if got := s.Rows(key); len(got) != 1 || !strings.HasPrefix(got[0], "R (") {
		t.Errorf("rows: got %v", got)
	}
	if got := s.Rows(AttributeKey{"app", "User", "id"}); got != nil {
		t.Errorf("rows: got %v", got)
	}
	for _, k := range []AttributeKey{{"App", "User", "x"}, {"app", "user", "x"}} {
		var e *PlaceError
		if _, err := s.RemoveDefinition(k, nil); !errors.As(err, &e) || !strings.Contains(err.Error(), "It has: ") {
			t.Errorf("%v: %v", k, err)
		}
	}
	twice := parsed(t, strings.Replace(directories, `"name":"Azure Active Directory"`, `"name":"app"`, 1))
	if _, err := twice.Definition(key); err == nil || !strings.Contains(err.Error(), "2 times the directory") {
		t.Error(err)
	}
}

// With a template, the keys are those that somebody added or changed; those that
// can't be told apart are left out.
func TestSchema_Keys(t *testing.T) {
	schema := func(attributes string) *Schema {
		s, err := ParseSchema([]byte(`{"synchronizationRules":[],"directories":[
		 {"name":"App","objects":[{"name":"User","attributes":[` + attributes + `]}]},
		 {"name":"Twice","objects":[{"name":"User","attributes":[{"name":"x"}]}]},
		 {"name":"Twice","objects":[{"name":"User","attributes":[{"name":"x"}]}]}]}`))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	const kept = `{"name":"mail","type":"String"}`
	live := schema(
		kept + `,{"name":"code","type":"Integer"},{"name":"title","required":true},{"name":"title","required":true},{"name":""}`,
	)
	names := func(keys []AttributeKey) (out []string) {
		for _, k := range keys {
			out = append(out, k.Directory+"/"+k.Object+"/"+k.Name)
		}
		return out
	}
	if got, want := names(
		live.Keys(nil),
	), []string{
		"App/User/mail",
		"App/User/code",
		"App/User/title",
	}; !slices.Equal(
		got,
		want,
	) {
		t.Errorf("all: got %v, want %v", got, want)
	}
	template := schema(kept + `,{"name":"title"}`)
	if got, want := names(live.Keys(template)), []string{"App/User/code", "App/User/title"}; !slices.Equal(got, want) {
		t.Errorf("beyond the template: got %v, want %v", got, want)
	}
	if got := names(live.Keys(live)); got != nil {
		t.Errorf("as the template has it: got %v", got)
	}
}
