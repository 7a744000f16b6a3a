package entra

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func TestTemplates(t *testing.T) {
	ctx := context.Background()
	c := syncTenant(t, "").client()
	templates, err := c.Templates(ctx, app)
	if err != nil || len(templates) != 2 {
		t.Fatal(templates, err)
	}
	x := templates[0]
	if x.ID != "customappsso" || x.FactoryTag != "CustomSCIM" || !x.Default || x.ApplicationID == "" ||
		x.Description == "" ||
		templates[1].Default {
		t.Errorf("%+v", templates)
	}
	schema, err := c.TemplateSchema(ctx, app, x.ID)
	if whole, _ := hasDirectories(
		schema,
	); err != nil || !whole ||
		!strings.Contains(string(schema), `"synchronizationRules"`) {
		t.Error(string(schema), err)
	}
	if _, err := c.TemplateSchema(ctx, app, "none"); !NotFound(err) {
		t.Error(err)
	}
}

// A schema that is read, changed and written is what the service then has.
func TestSchemaRoundTrip(t *testing.T) {
	for _, without := range []bool{false, true} {
		ctx := context.Background()
		b, c, j := job(t, simulator.WithBehavior(func(b *simulator.Behavior) { b.SchemaWithoutDirectories = without }))
		read := func() (text string, decoded map[string]any) {
			t.Helper()
			raw, err := c.Schema(ctx, app, j.ID)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(raw, &decoded); err != nil {
				t.Fatal(err)
			}
			if decoded["directories"] == nil {
				t.Error("no directories")
			}
			return string(raw), decoded
		}
		text, before := read()
		changed := strings.Replace(text, `"enabled":true`, `"enabled":false`, 1)
		if changed == text {
			t.Fatal(text)
		}
		if err := c.PutSchema(ctx, app, j.ID, json.RawMessage(changed)); err != nil {
			t.Fatal(err)
		}
		text, after := read()
		if !strings.Contains(text, `"enabled":false`) || before["version"] == after["version"] {
			t.Error(text)
		}
		if n := b.Cycles()[0].SchemaWrites; n != 1 {
			t.Errorf("%d writes", n)
		}
		err := c.PutSchema(ctx, app, j.ID, []byte(`{"synchronizationRules":1}`))
		var e *Error
		if !errors.As(err, &e) || e.Status != 400 || e.Code == "UnknownError" || strings.HasPrefix(e.Message, "{") ||
			e.Advice() != "" {
			t.Errorf("%+v", e)
		}
	}
}

func TestSchemaDirectories(t *testing.T) {
	const whole, bare = `{"id":"j","directories":[]}`, `{"id":"j"}`
	const badRequest = `{"error":{"code":"BadRequest","message":"no $expand here"}}`
	for name, c := range map[string]struct {
		answers []string
		want    string
		fails   bool
	}{
		"inline":              {[]string{whole}, whole, false},
		"asked for":           {[]string{bare, whole}, whole, false},
		"null":                {[]string{`{"directories":null}`, whole}, whole, false},
		"none at all":         {[]string{bare, bare}, bare, false},
		"no such option":      {[]string{bare, badRequest}, bare, false},
		"failing":             {[]string{bare, `{"error":{"code":"Authorization_RequestDenied","message":"m"}}`}, "", true},
		"no JSON":             {[]string{`<html>`}, "", true},
		"null as a schema":    {[]string{`null`}, "", true},
		"no JSON when asked":  {[]string{bare, `<html>`}, "", true},
		"a list for a schema": {[]string{`[]`}, "", true},
	} {
		s := cannedTenant(t, func(n int, _ *http.Request) (int, string) {
			text := c.answers[n]
			switch {
			case text == badRequest:
				return 400, text
			case strings.Contains(text, `"error"`):
				return 403, text
			}
			return 200, text
		})
		got, err := s.client.Schema(context.Background(), app, "a.b.c")
		if string(got) != c.want || (err != nil) != c.fails {
			t.Errorf("%s: %s, %v", name, got, err)
		}
		at := "GET /v1.0/servicePrincipals/" + app + "/synchronization/jobs/a.b.c/schema"
		if want := []string{at, at + "?$expand=directories"}[:len(c.answers)]; !slices.Equal(s.asked, want) {
			t.Errorf("%s: %q", name, s.asked)
		}
	}
}

// The schema goes out as it was given, byte by byte, by PUT.
func TestPutSchemaAsItIs(t *testing.T) {
	s := cannedTenant(t, always(204, ""))
	const schema = `{"synchronizationRules":[{"x":"<&>","n":1.50}],"directories":[]}`
	if err := s.client.PutSchema(context.Background(), app, "j", json.RawMessage(schema)); err != nil {
		t.Fatal(err)
	}
	if want := "PUT /v1.0/servicePrincipals/" + app + "/synchronization/jobs/j/schema " + schema; s.asked[0] != want {
		t.Errorf("got  %s\nwant %s", s.asked[0], want)
	}
}
