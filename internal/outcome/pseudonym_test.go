package outcome

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// Without names nothing of the encoded outcome names anybody, it compares as
// the named one does, and what hasn't changed gets its name back.
func TestWithoutNames(test *testing.T) {
	rapid.Check(test, func(t *rapid.T) {
		named := Of(decide(test, directorytest.Any(t), request()), nil)
		hidden := named.WithoutNames()
		for i := range hidden.Rows {
			if r := hidden.Rows[i]; strings.ContainsAny(r.Name+r.Address, "@.") || r.Shown(false) != r.ID {
				t.Fatalf("%q %q", r.Name, r.Address)
			}
		}
		if again := hidden.WithoutNames(); !slices.Equal(hidden.Rows, again.Rows) {
			t.Fatal(gocmp.Diff(hidden.Rows, again.Rows))
		}
		if back := hidden.NamedAs(named); !slices.Equal(named.Rows, back.Rows) {
			t.Fatal(gocmp.Diff(named.Rows, back.Rows))
		}
		text, err := hidden.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := DecodeOutcome(text); err != nil || !slices.Equal(back.Rows, hidden.Rows) {
			t.Fatalf("%v %s", err, gocmp.Diff(back.Rows, hidden.Rows))
		}
	})
}

// A rename is a change without names, too; nobody is told the old one.
func TestRenamedWithoutNames(t *testing.T) {
	w := directorytest.New()
	w.User(directorytest.Employee("ann@company.com"), "Staff")
	w.User(directorytest.Employee("bo@company.com"), "Staff")
	a := Of(decide(t, w, request()), nil).WithoutNames()
	w.Users[1].UserPrincipalName, w.Users[1].Mail = "beau@company.com", "beau@company.com"
	r := decide(t, w, request())
	p := Of(r, a)
	c := Compare(a, p.WithoutNames(), p.WithoutNames(), Compared{Directory: r.Directory})
	if len(c.List) != 1 || c.List[0].Kind != Renamed || c.List[0].Shown(true) != "u-001" {
		t.Errorf("%+v", c.List)
	}
	if text := c.Markdown(
		SeverityReview,
		nil,
		nil,
		true,
	); strings.Contains(text, "\x00") ||
		strings.Contains(text, "@") {
		t.Error(text)
	}
	named := a.NamedAs(p)
	if named.Rows[0].Name != "ann@company.com" || named.Rows[1].Name != "u-001" {
		t.Errorf("%+v", named.Rows)
	}
	if a := (*Outcome)(nil); a.WithoutNames() != nil || a.NamedAs(p) != nil {
		t.Error("nil isn't nil")
	}
}
