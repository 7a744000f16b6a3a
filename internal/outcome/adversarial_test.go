package outcome

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// oneLine fails where a text for people could break what stands around it.
func oneLine(t *rapid.T, what, s string) {
	if !utf8.ValidString(s) ||
		strings.ContainsFunc(
			s,
			func(c rune) bool { return unicode.IsControl(c) && c != '\n' || c == '\u202e' || c == '\u2028' },
		) {
		t.Fatalf("%s: %q", what, s)
	}
	if len(s) > 20_000 {
		t.Fatalf("%s has %d bytes", what, len(s))
	}
}

// Whatever a directory holds, what is shown of it is one line, bounded and
// escaped, and what is kept of it comes back.
func TestAdversarialDirectory(test *testing.T) {
	rapid.Check(test, func(t *rapid.T) {
		w := directorytest.AdversarialTenant(t)
		q := request()
		if rapid.Bool().Draw(t, "everyone") {
			q.Groups, q.Everyone = nil, true
		}
		r := decide(test, w, q)
		for i := range r.Decisions {
			e := r.Explain(int32(i))
			oneLine(t, "decision", e.Text)
			oneLine(t, "sentence", e.Sentence)
			if verdict, _, ok := strings.Cut(
				e.Text,
				": ",
			); !ok ||
				!slices.Contains([]string{"sync", "skip", "unknown"}, verdict) {
				t.Fatalf("%q is no decision", e.Text)
			}
			for _, s := range e.Trace {
				oneLine(t, "trace", s.Rule+s.Observed)
			}
			for _, f := range e.Fixes {
				oneLine(t, "fix", f.Change+f.Who+f.Effect+f.Caveats)
			}
		}
		o := Of(r, nil)
		text, err := o.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := DecodeOutcome(text); err != nil || back.Fingerprint() != o.Fingerprint() {
			t.Fatalf("%v\n%s", err, gocmp.Diff(o.Rows, back.Rows))
		}
		object(t, o, false)
		object(t, o, true)
		// Everything is gained, and lost again.
		empty := &Outcome{
			TenantID:       o.TenantID,
			OrganizationID: o.OrganizationID,
			RulesVersion:   decision.RulesVersion,
			Sets:           [][]int32{nil},
		}
		for _, c := range []*Changes{Compare(nil, nil, o, Compared{Directory: r.Directory}), Compare(empty, empty, o, Compared{Directory: r.Directory}), Compare(o, empty, empty, Compared{Directory: r.Directory})} {
			table(t, c.Markdown(SeverityReview, nil, []string{"*"}, false))
		}
		reading, err := r.Directory.EncodeReading()
		if err != nil {
			t.Fatal(err)
		}
		d, err := directory.DecodeDirectory(reading)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := d.EncodeReading(); err != nil || again != reading {
			t.Fatalf("a reading doesn't come back: %v", err)
		}
	})
}

// object checks the JSON of decisions and groups: valid, with a key for each
// user.
func object(t *rapid.T, o *Outcome, ids bool) {
	text, err := o.Decisions(false, ids)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]string
	if err := json.Unmarshal([]byte(text), &m); err != nil || len(m) != len(o.Rows) {
		t.Fatalf("%d users, %d keys: %v\n%s", len(o.Rows), len(m), err, text)
	}
	groups, err := o.GroupsJSON()
	var n map[string]int
	if err != nil || json.Unmarshal([]byte(groups), &n) != nil {
		t.Fatalf("%v %s", err, groups)
	}
}

// table checks a report: bounded, and every row of a table has its cells and no
// markup but ours.
func table(t *rapid.T, text string) {
	if len(text) > 60_000 || !utf8.ValidString(text) {
		t.Fatalf("%d bytes, valid %t", len(text), utf8.ValidString(text))
	}
	for _, line := range strings.Split(text, "\n") {
		oneLine(t, "report", line)
		if strings.HasPrefix(line, "|") && (strings.Count(line, "|") != 5 || strings.ContainsAny(line, "<>`[]{}@")) {
			t.Fatalf("a row is broken: %q", line)
		}
		if strings.Contains(line, "<script") || strings.Contains(line, "<!--") {
			t.Fatalf("markup got through: %q", line)
		}
	}
}

// A group of a million members is over the limit, said once, in time and memory
// that grow with it alone.
func TestMillionMembers(t *testing.T) {
	if testing.Short() {
		t.Skip("a million users")
	}
	const n = 1_000_000
	b := directory.NewBuilder(nil)
	g := directory.GraphGroup{ID: "g", DisplayName: "All", SecurityEnabled: true}
	for i := range n {
		u := directorytest.Employee(fmt.Sprintf("u%d@company.com", i))
		u.ID, u.AccountEnabled = fmt.Sprintf("u-%07d", i), directory.True
		b.AddUser(u, nil, directory.HasUserType|directory.HasAccountEnabled)
		g.Members = append(g.Members, directory.GraphMember{Type: "user", ID: u.ID})
	}
	b.AddGroup(g)
	d := b.Build(directorytest.TenantID, nil)
	l := directory.NewLookup(d)
	s, _, err := decision.Request{Connector: decision.NestedGroups, Groups: []string{"All"}}.Resolve(l, d)
	if err != nil {
		t.Fatal(err)
	}
	e, err := decision.NewEngine(
		d,
		l,
		&directory.Organization{
			ID:      "org",
			Domains: []directory.Claim{{Name: "company.com", Status: directory.ClaimVerified}},
		},
		s,
	)
	if err != nil {
		t.Fatal(err)
	}
	r := e.Decide()
	o := Of(r, nil)
	sum := o.Summary(r)
	if sum.Users != n || sum.ByReason[reason.GroupTooLarge.String()] != n {
		t.Errorf("%+v", sum)
	}
	if text := Compare(
		nil,
		nil,
		o,
		Compared{Directory: d},
	).Markdown(SeverityReview, nil, nil, false); len(
		text,
	) > 60_000 {
		t.Errorf("the report has %d bytes", len(text))
	}
}
