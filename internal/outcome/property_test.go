package outcome

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// The order in which facts arrive decides nothing, and the same input gives
// the same bytes.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := directorytest.Any(rt)
		shuffled := w.Clone()
		shuffled.Users = rapid.Permutation(w.Users).Draw(rt, "users")
		shuffled.Groups = rapid.Permutation(w.Groups).Draw(rt, "groups")
		a, b := Of(decide(t, w, request()), nil), Of(decide(t, shuffled, request()), nil)
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
		w := directorytest.Any(rt)
		r := decide(t, w, request())
		o := Of(r, nil)
		s := o.Summary(r)
		if s.Synced+s.Skipped+s.Unknown != s.Users || s.Users+s.NotInScope != len(r.Directory.Users) {
			rt.Fatalf("%+v for %d users", s, len(r.Directory.Users))
		}
		if c := Compare(o, o, o, Compared{Directory: r.Directory}); c.Any() {
			rt.Fatalf("compared with itself: %+v", c.List)
		}
		for i := range r.Decisions {
			text := r.Text(int32(i))
			if r.Decisions[i].Code.Verdict() == decision.Sync && (!r.InScope(int32(i)) || r.Address(int32(i)) == "") {
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
		w := directorytest.Any(rt)
		before := decide(t, w, request())
		q := request()
		q.VerifiedDomains = []string{
			rapid.SampledFrom([]string{"fabrikam.com", "legacy.company.com", "company.com"}).Draw(rt, "domain"),
		}
		after := decide(t, w, q)
		for i := range before.Decisions {
			if before.Decisions[i].Code.Verdict() == decision.Sync &&
				after.Decisions[i].Code.Verdict() != decision.Sync &&
				after.Decisions[i].Code != reason.DuplicateAddress {
				rt.Fatalf("%s, then %s", before.Text(int32(i)), after.Text(int32(i)))
			}
		}
	})
}

// Every change of the tenant is drift of one kind a user; comparing twice
// gives the same.
func TestCompareCountsOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b := directorytest.Any(rt), directorytest.Any(rt)
		before := Of(decide(t, a, request()), nil)
		r := decide(t, b, request())
		after := Of(r, before)
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
