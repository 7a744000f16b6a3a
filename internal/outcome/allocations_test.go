package outcome

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// What is made of an outcome is allocated as a whole, not for each user: a plan of 100,000
// otherwise makes millions of small things, which are collected again.
func TestAllocationsDoNotGrowWithUsers(t *testing.T) {
	const users = 2000
	d, organization := directorytest.Synthetic(users, 10)
	l := directory.NewLookup(d)
	q := decision.Request{Connector: decision.NestedGroups, Groups: []string{"Group 0"}}
	s, _, err := q.Resolve(l, d)
	if err != nil {
		t.Fatal(err)
	}
	e, err := decision.NewEngine(d, l, organization, s)
	if err != nil {
		t.Fatal(err)
	}
	r := e.Decide()
	o := Of(r, nil)
	changes := Compare(nil, nil, o, Compared{Directory: d})
	if len(changes.List) < users/2 {
		t.Fatalf("%d of %d sync", len(changes.List), users)
	}
	for name, run := range map[string]func() error{
		"Decide":      func() error { e.Decide(); return nil },
		"Of":          func() error { Of(r, nil); return nil },
		"Expect":      func() error { o.Expect(r); return nil },
		"Decisions":   func() error { _, err := o.Decisions(false, false); return err },
		"Fingerprint": func() error { o.Fingerprint(); return nil },
		"Summary":     func() error { o.Summary(r); return nil },
		"Encode":      func() error { _, err := o.Encode(); return err },
		"NamedAs":     func() error { o.NamedAs(o); return nil },
	} {
		if n := testing.AllocsPerRun(5, func() {
			if err := run(); err != nil {
				t.Error(err)
			}
		}); n > users/10 {
			t.Errorf("%s: %.0f allocations for %d users", name, n, users)
		}
	}
}

// Decisions are the JSON that encoding/json makes, whatever the names are.
func TestDecisionsAreJSON(t *testing.T) {
	o, want := &Outcome{}, map[string]string{}
	for c := range rune(0x180) {
		name := fmt.Sprintf("%c-%d", c, c)
		o.Rows = append(o.Rows, Row{ID: fmt.Sprintf("%03d", c), Name: name, Text: string(c)})
		want[o.Rows[c].Shown(false)] = string(c)
	}
	got, err := o.Decisions(false, false)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(want)
	if err != nil || got != string(raw) {
		t.Errorf("%v\n%s\n%s", err, got, raw)
	}
}

// Users of rows are found whatever the order of either is.
func TestWalk(t *testing.T) {
	w := directorytest.New()
	for i := range 20 {
		u := directorytest.Employee(fmt.Sprintf("u%d@company.com", i))
		u.ID = fmt.Sprintf("id-%02d", i)
		w.User(u, "Staff")
	}
	d := w.Directory()
	ids := []string{"", "id-03", "id-03", "id-04", "id-05x", "id-19", "id-00", "id-07", "x", "id-18"}
	for range 2 {
		users := walk{d: d}
		for _, id := range ids {
			if got, want := users.user(id), d.UserByID(id); got != want {
				t.Errorf("%q: %d, want %d", id, got, want)
			}
		}
		slices.SortFunc(ids, strings.Compare)
	}
}

// Texts list changes by kind and then by name, and what was found later too.
func TestByName(t *testing.T) {
	c := &Changes{}
	row := func(name string) *Row { return &Row{ID: "id-" + name, Name: name} }
	for _, x := range []Change{
		{Kind: Renamed, ID: "1", After: row("b")}, {Kind: Lost, ID: "2", After: row("z")},
		{Kind: Renamed, ID: "3", After: row("a")}, {Kind: Renamed, ID: "4", After: row("b")},
	} {
		c.add(x)
	}
	order := func() (s string) {
		for _, x := range c.byName(false) {
			s += x.ID
		}
		return s
	}
	if got := order(); got != "2314" {
		t.Errorf("got %s", got)
	}
	c.add(Change{Kind: Lost, ID: "5", After: row("a")})
	if got := order(); got != "52314" {
		t.Errorf("got %s", got)
	}
}
