package decision

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// anyWorld draws a small tenant with everything that decides.
func anyWorld(t *rapid.T) *world {
	w := newWorld()
	domain := rapid.SampledFrom([]string{"company.com", "fabrikam.com", "gmail.com", "legacy.company.com", "bücher.example", ""})
	typ := rapid.SampledFrom([]string{TypeMember, TypeGuest, "", "Other"})
	status := rapid.SampledFrom([]string{"verified", "missing_token", "unverified"})
	for _, d := range []string{"company.com", "fabrikam.com", "xn--bcher-kva.example"} {
		if rapid.Bool().Draw(t, "listed") {
			w.claims[d] = status.Draw(t, "status")
		}
	}
	n := rapid.IntRange(0, 12).Draw(t, "users")
	for i := range n {
		d := domain.Draw(t, "domain")
		address := fmt.Sprintf("u%d@%s", rapid.IntRange(0, 6).Draw(t, "local"), d)
		u := employee(address)
		if rapid.Bool().Draw(t, "external") {
			u = external(address, "")
		}
		u.UserType = typ.Draw(t, "type")
		u.ID = fmt.Sprintf("id-%02d", i)
		u.UserPrincipalName = fmt.Sprintf("%d-%s", i, u.UserPrincipalName)
		if rapid.Bool().Draw(t, "mailless") {
			u.Mail = ""
		}
		u.AccountEnabled = directory.TriOf(rapid.IntRange(0, 4).Draw(t, "enabled") > 0)
		w.user(u, rapid.SampledFrom([]string{"Staff", "Child", "Other"}).Draw(t, "group"))
	}
	return w
}

func (w *world) clone() *world {
	c := *w
	c.users = append([]directory.User(nil), w.users...)
	c.groups = append([]directory.GraphGroup(nil), w.groups...)
	for i := range c.groups {
		c.groups[i].Members = append([]directory.GraphMember(nil), w.groups[i].Members...)
	}
	return &c
}

// The order in which facts arrive decides nothing, and the same input gives
// the same bytes.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := anyWorld(rt)
		shuffled := w.clone()
		shuffled.users = rapid.Permutation(w.users).Draw(rt, "users")
		shuffled.groups = rapid.Permutation(w.groups).Draw(rt, "groups")
		a, b := w.decide(t, request()).Outcome(nil), shuffled.decide(t, request()).Outcome(nil)
		x, err1 := a.Encode()
		y, err2 := b.Encode()
		if err1 != nil || err2 != nil || x != y || a.Fingerprint() != b.Fingerprint() {
			rt.Fatalf("another order, another outcome")
		}
	})
}

// Every user has exactly one reason, in scope or not; counts add up; an
// outcome compared with itself has no change; fixes flip what they promise.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := anyWorld(rt)
		r := w.decide(t, request())
		o := r.Outcome(nil)
		s := r.Summary(o)
		if s.Synced+s.Skipped+s.Unknown != s.Users || s.Users+s.NotInScope != len(r.Directory.Users) {
			rt.Fatalf("%+v for %d users", s, len(r.Directory.Users))
		}
		if c := Compare(o, o, o, Compared{Directory: r.Directory}); c.Any() {
			rt.Fatalf("compared with itself: %+v", c.List)
		}
		for i := range r.Decisions {
			text := r.Text(int32(i))
			if r.Decisions[i].Code.Verdict() == Sync && (!r.InScope(int32(i)) || r.Address(int32(i)) == "") {
				rt.Fatalf("syncs out of scope or without an address: %s", text)
			}
			for _, f := range r.Fixes(int32(i)) {
				if f.Effect[:5] != "sync:" {
					rt.Fatalf("%s: %s", f.Change, f.Effect)
				}
			}
		}
	})
}

// Nothing that only lets more in takes anybody out: verifying a domain loses
// nobody, but for users who then share an address.
func TestVerifyingLosesNobody(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := anyWorld(rt)
		before := w.decide(t, request())
		q := request()
		q.VerifiedDomains = []string{rapid.SampledFrom([]string{"fabrikam.com", "legacy.company.com", "company.com"}).Draw(rt, "domain")}
		after := w.decide(t, q)
		for i := range before.Decisions {
			if before.Decisions[i].Code.Verdict() == Sync && after.Decisions[i].Code.Verdict() != Sync && after.Decisions[i].Code != CodeDuplicateAddress {
				rt.Fatalf("%s, then %s", before.Text(int32(i)), after.Text(int32(i)))
			}
		}
	})
}

// Every change of the tenant is drift of one kind a user; comparing twice
// gives the same.
func TestCompareCountsOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b := anyWorld(rt), anyWorld(rt)
		before := a.decide(t, request()).Outcome(nil)
		r := b.decide(t, request())
		after := r.Outcome(before)
		c := Compare(before, after, after, Compared{Directory: r.Directory})
		seen := map[string]bool{}
		for _, x := range c.List {
			if x.Cause != Drift || seen[x.ID] {
				rt.Fatalf("%+v", x)
			}
			seen[x.ID] = true
		}
		if c.Any() == (before.Fingerprint() == after.Fingerprint()) {
			rt.Fatalf("changes %v, fingerprints %s %s", c.Any(), before.Fingerprint(), after.Fingerprint())
		}
	})
}
