package usertype

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func (l *lab) record(match any) map[string]any {
	l.t.Helper()
	return map[string]any{"directory": l.reading(), "match": match}
}

func TestRecord_Validate(t *testing.T) {
	c := client(t, nil)
	for name, x := range map[string]struct {
		match any
		want  []string
	}{
		"a match":                        {partners, nil},
		"not yet known":                  {map[string]any{"users": providertest.Unknown}, nil},
		"empty":                          {map[string]any{}, []string{"ERROR (match): Empty match", "would take all users"}},
		"an empty list, which is nobody": {map[string]any{"users": []any{}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			providertest.Wants(
				t,
				"validation",
				c.Validate(recordName, map[string]any{"directory": "x", "match": x.match}),
				x.want...)
		})
	}
}

func TestRecord_Plan(t *testing.T) {
	l := newLab(t)
	for name, x := range map[string]struct {
		match map[string]any
		want  map[string]string
		said  []string
	}{
		"by home":          {partners, map[string]string{pia: "Member", paul: "Member", gus: "Guest"}, nil},
		"by group":         {map[string]any{"groups": []string{"Team"}}, map[string]string{pia: "Member"}, nil},
		"an empty list":    {map[string]any{"users": []any{}}, map[string]string{}, []string{"Record matches no users"}},
		"nobody":           {map[string]any{"home_domains": []string{"nobody.example"}}, map[string]string{}, []string{"WARNING (match): Record matches no users"}},
		"without any type": {map[string]any{"users": []string{nilsName}}, map[string]string{}, []string{"Record matches no users"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := l.Plan(recordName, providertest.State{}, l.record(x.match))
			providertest.Wants(t, "plan", p.Said, x.said...)
			if diff := cmp.Diff(x.want, object(t, p.Planned.Text("types"))); diff != "" {
				t.Errorf("types: got + beside want -\n%s", diff)
			}
			if p.Planned.Get("users") != int64(len(x.want)) || p.Planned.Get("differing") != int64(0) {
				t.Errorf("got %v", p.Planned.Value)
			}
		})
	}
}

// Members of whom nothing can be read aren't recorded, and don't match.
func TestPlan_Unreadable(t *testing.T) {
	l := newLab(t)
	// A member who isn't among the users: the application may not read them.
	hidden := strings.Replace(people, `"id":"`+pia+`"}]}`, `"id":"99999999-1111-4111-8111-000000000001"}]}`, 1)
	text := providertest.ReadingOf(t, hidden)
	match := map[string]any{"groups": []string{"Team"}}
	for name, config := range map[string]map[string]any{
		recordName: {"directory": text, "match": match},
		policyName: {"directory": text, "rule": []any{rule("r", "Guest", match)}},
	} {
		got := l.Plan(name, providertest.State{}, config).Said
		providertest.Wants(t, name, got, "WARNING", "Group members can't all be read", "Team", "Member.Read.Hidden")
	}
}

func TestRecord_Plan_Refuses(t *testing.T) {
	l := newLab(t)
	for name, x := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"a reading that is none": {map[string]any{"directory": "nonsense", "match": partners}, []string{"ERROR (directory): The reading can't be used"}},
		"a user who isn't there": {l.record(map[string]any{"users": []string{"who@x.example"}}), []string{"ERROR (match): User not found", "match.users: "}},
	} {
		t.Run(name, func(t *testing.T) {
			providertest.Wants(t, "plan", l.Plan(recordName, providertest.State{}, x.config).Said, x.want...)
		})
	}
}

// What isn't known at plan is taken in the apply.
func TestRecord_Create_Unknown(t *testing.T) {
	l := newLab(t)
	p := l.Plan(recordName, providertest.State{}, map[string]any{"directory": providertest.Unknown, "match": partners})
	if p.Said != "" || p.Planned.Get("types") != providertest.Unknown {
		t.Errorf("got %v: %s", p.Planned.Value, p.Said)
	}
	s, said := p.Known(l.record(partners)).Apply()
	if said != "" || s.Get("users") != int64(3) || s.Get("directory") != nil {
		t.Errorf("got %v: %s", s.Value, said)
	}
	s, said = p.Known(map[string]any{"directory": "nonsense", "match": partners}).Apply()
	if !strings.Contains(said, "The reading can't be used") || s.Exists() {
		t.Errorf("got %v: %s", s.Value, said)
	}
}

// What was recorded stays, whatever the tenant has by now, and another match is
// refused.
func TestRecord_Update(t *testing.T) {
	l := newLab(t)
	s := l.Make(recordName, providertest.State{}, l.record(partners))
	if _, err := l.PutUser([]byte(`{"id":"` + pia + `","userType":"Guest"}`)); err != nil {
		t.Fatal(err)
	}
	p := l.Plan(recordName, s, l.record(partners))
	if p.Said != "" || !p.Planned.Value.Equal(s.Value) {
		t.Errorf("got %v, %s, want %v", p.Planned.Value, p.Said, s.Value)
	}
	if after, said := p.Apply(); said != "" || !after.Value.Equal(s.Value) {
		t.Errorf("got %v, %s, want %v", after.Value, said, s.Value)
	}
	other := l.record(map[string]any{"users": []string{"ann@x.example"}})
	providertest.Wants(t, "another match", l.Plan(recordName, s, other).Said, "ERROR (match): Record can't be changed")
	// A match that isn't known at plan is refused in the apply where it is another.
	unknown := map[string]any{"directory": l.reading(), "match": map[string]any{"users": providertest.Unknown}}
	after, said := l.Plan(recordName, s, unknown).Known(other).Apply()
	providertest.Wants(t, "another match in the apply", said, "ERROR: Record can't be changed", s.Text("id"))
	if !after.Value.Equal(s.Value) {
		t.Errorf("got %v, want %v", after.Value, s.Value)
	}
}

func TestRecord_Read(t *testing.T) {
	l := newLab(t)
	s := l.Make(recordName, providertest.State{}, l.record(partners))
	if _, err := l.PutUser([]byte(`{"id":"` + pia + `","userType":"Guest"}`)); err != nil {
		t.Fatal(err)
	}
	if err := l.DeleteObject(gus, false); err != nil {
		t.Fatal(err)
	}
	now, said := l.Read(recordName, s)
	if got := now.Get("differing"); said != "" || got != int64(1) || now.Text("types") != s.Text("types") {
		t.Errorf("differing: got %v, %s, want 1", got, said)
	}
	if got, said := client(t, nil).Read(recordName, s); said != "" || !got.Value.Equal(s.Value) {
		t.Errorf("not configured: got %v, %s", got.Value, said)
	}
	providertest.Fault(
		t,
		l.Server,
		simulator.Fault{Kind: simulator.FaultStatus, Status: 403, Match: "POST /v1.0/$batch", Times: -1},
	)
	_, said = l.Read(recordName, s)
	providertest.Wants(t, "the service refuses", said, "ERROR: Comparing the recorded types with those of now failed")
	// What differs is lost with the record: a warning with the count.
	_, said = l.Destroy(recordName, now)
	providertest.Wants(t, "destroy", said, "WARNING: The record of 1 user who has another type now "+
		"goes", "the types of 3 users, of whom 1 differ")
	before := maps.Clone(l.Written())
	after, said := l.Destroy(recordName, s)
	if said != "" || after.Exists() || !maps.Equal(before, l.Written()) {
		t.Errorf("destroy of what doesn't differ: got %v, %s", after.Value, said)
	}
}
