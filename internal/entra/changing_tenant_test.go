package entra

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// moving is a tenant that changes between readings, and the client that keeps
// it.
type moving struct {
	t          *rapid.T
	s          *simulator.Server
	c          *Client
	kept       []byte
	now        time.Time
	people     []string
	groups     []string
	deleted    map[string]bool
	made       int // ids beyond the first ones
	fromChange int // readings that came from what was kept
}

var movingAttributes = []string{"department", "extensionAttribute1", directory.Manager}

func newMoving(t *rapid.T, tt testing.TB) *moving {
	s, err := named(
		rapid.IntRange(1, 30).Draw(t, "people"),
		namings["shuffled"],
		simulator.WithBehavior(func(b *simulator.Behavior) {
			b.DeltaPageSize = rapid.IntRange(1, 5).Draw(t, "delta page")
			b.DeltaMembers = rapid.IntRange(1, 4).Draw(t, "delta members")
			b.DeltaReplays = rapid.SampledFrom([]int{0, 0, 3, 50}).Draw(t, "replays")
			b.DeltaRepeats = rapid.Bool().Draw(t, "repeats")
			b.UnreadableAsNull = rapid.Bool().Draw(t, "null")
		}),
	)
	if err != nil {
		t.Fatal(err)
	}
	m := &moving{t: t, s: s, now: keptAt, deleted: map[string]bool{}}
	m.c = m.client(tt)
	for i := range 30 {
		m.people = append(m.people, userID(i))
	}
	for i := range 6 {
		m.groups = append(m.groups, fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", i+1))
	}
	return m
}

func (m *moving) client(tt testing.TB) *Client {
	c := inProcessClient(tt, m.s, 0, func(int, time.Duration) time.Duration { return 0 })
	c.fastPage = 0
	c.pageSize = fmt.Sprint(rapid.IntRange(1, 6).Draw(m.t, "page"))
	return c
}

func (m *moving) person() string { return rapid.SampledFrom(m.people).Draw(m.t, "person") }
func (m *moving) group() string  { return rapid.SampledFrom(m.groups).Draw(m.t, "group") }

// change draws one thing to do to the tenant; some can't be done just then.
// Everybody has a principal name, as Entra wants it: without one, ranges
// wouldn't find them.
func (m *moving) change() func() {
	word := func(label string) string {
		return rapid.SampledFrom([]string{`null`, `"a"`, `"ü \"q\""`, `""`, `"b"`}).Draw(m.t, label)
	}
	id, group := m.person(), m.group()
	user := func(rest string, args ...any) func() {
		letter := rapid.SampledFrom([]string{"a", "m", "z"}).Draw(m.t, "letter")
		raw := fmt.Appendf(
			nil,
			`{"id":%q,"userPrincipalName":"%s%s@x.example",`+rest+`}`,
			append([]any{id, letter, id[24:]}, args...)...)
		return func() { _, _ = m.s.PutUser(raw) }
	}
	member := rapid.SampledFrom([]string{id, m.group()}).Draw(m.t, "member")
	switch rapid.IntRange(0, 16).Draw(m.t, "what") {
	case 0, 1:
		return user(`"userType":"Member","accountEnabled":true,"mail":%s,"otherMails":["x@y.example"]`, word("mail"))
	case 2:
		return user(`"department":%s`, word("department"))
	case 3:
		return user(`"userType":%s,"accountEnabled":false`, word("type"))
	case 4:
		return user(
			`"onPremisesExtensionAttributes":{"extensionAttribute1":%s,"extensionAttribute2":"2"}`,
			word("extension"),
		)
	case 5:
		return func() {
			if !m.deleted[id] { // the second time would be for good
				m.deleted[id] = m.s.DeleteObject(id, true) == nil
			}
		}
	case 6:
		return m.purge(m.people, id)
	case 7:
		return func() {
			if m.s.RestoreUser(id) == nil {
				m.deleted[id] = false
			}
		}
	case 8:
		raw := fmt.Appendf(
			nil,
			`{"id":%q,"displayName":%q,"securityEnabled":%v,"visibility":%s}`,
			group,
			rapid.SampledFrom([]string{"A", "B", "C"}).Draw(m.t, "name"),
			rapid.Bool().
				Draw(m.t, "security"),
			rapid.SampledFrom([]string{"null", `"HiddenMembership"`, `"Private"`}).Draw(m.t, "visibility"),
		)
		return func() { _, _ = m.s.PutGroup(raw) }
	case 9:
		return m.purge(m.groups, group)
	case 10, 11:
		return func() { _ = m.s.AddMember(group, member) }
	case 12:
		return func() { _ = m.s.RemoveMember(group, member) }
	case 13, 14:
		return user(`"manager":{"@odata.type":"#microsoft.graph.user","id":%q}`, m.person())
	case 15:
		return user(`"manager":null`)
	}
	unreadable := rapid.Bool().Draw(m.t, "unreadable")
	return func() { _ = m.s.SetUnreadable(unreadable, id) }
}

// purge deletes for good. An id never comes back, so another takes its place.
func (m *moving) purge(list []string, id string) func() {
	m.made++
	list[slices.Index(list, id)] = fmt.Sprintf("%s%06d%s", id[:24], m.made, id[30:])
	return func() { _ = m.s.DeleteObject(id, false) }
}

// during has changes happen while requests are answered, until it is ended.
func (m *moving) during(changes []func()) (end func()) {
	var mu sync.Mutex
	return m.s.OnRequest(func(simulator.Request) (func(), func()) {
		return func() {
			mu.Lock()
			defer mu.Unlock()
			if len(changes) > 0 {
				changes[0]()
				changes = changes[1:]
			}
		}, nil
	})
}

// changes draws several.
func (m *moving) changes(label string, most int) []func() {
	list := make([]func(), rapid.IntRange(0, most).Draw(m.t, label))
	for i := range list {
		list[i] = m.change()
	}
	return list
}

// misbehave has the service fail: some of it passes, some doesn't.
func (m *moving) misbehave() {
	match := rapid.SampledFrom([]string{"", "GET /v1.0/users/delta", "GET /v1.0/groups/delta", listMembers, "GET /v1.0/users/{id}/memberOf", listUsers}).
		Draw(m.t, "route")
	status := rapid.SampledFrom([]int{429, 500, 503, 400, 403, 404, 410}).Draw(m.t, "status")
	if (match == listMembers || match == "") && (status == 403 || status == 404) {
		status = 503 // an answer, and not the truth
	}
	if err := m.s.AddFault(
		simulator.Fault{
			Kind:   simulator.FaultStatus,
			Match:  match,
			Status: status,
			Nth:    rapid.IntRange(1, 8).Draw(m.t, "nth"),
			Times:  rapid.IntRange(1, 3).Draw(m.t, "times"),
		},
	); err != nil {
		m.t.Fatal(err)
	}
}

// read reads through what is kept, as the provider does.
func (m *moving) read() (*directory.Directory, error) {
	kept, err := m.c.DecodeCacheEntry(m.kept, movingAttributes, m.now)
	var d *directory.Directory
	if err == nil {
		d, err = m.c.Refresh(context.Background(), kept)
	}
	if err == nil {
		m.fromChange++
	}
	if errors.Is(err, ErrStale) {
		d, kept, err = m.c.ReadForCache(context.Background(), movingAttributes, m.now)
	}
	if err != nil || kept == nil {
		m.kept = nil
		return d, err
	}
	m.kept, err = kept.Pack()
	return d, err
}

// Whatever changes, is told again, told in parts, in no order, expires or fails:
// a reading that comes is the one that a full reading would be.
func TestKeptIsAFullReading(t *testing.T) {
	total := 0
	rapid.Check(t, func(rt *rapid.T) {
		m := newMoving(rt, t)
		fresh := m.client(t)
		fresh.sequential = true
		for range rapid.IntRange(1, 6).Draw(rt, "readings") {
			for _, change := range m.changes("changes", 8) {
				change()
			}
			switch rapid.IntRange(0, 9).Draw(rt, "trouble") {
			case 0:
				m.s.ExpireDeltaTokens(
					rapid.SampledFrom([]string{simulator.DeltaGone, simulator.DeltaState, simulator.DeltaResync}).
						Draw(rt, "how"),
				)
			case 1:
				m.now = m.now.Add(rapid.SampledFrom([]time.Duration{time.Hour, 8 * 24 * time.Hour}).Draw(rt, "later"))
			case 2:
				m.kept = nil
			case 3, 4:
				m.misbehave()
			case 5, 6: // the tenant moves while it is read; the reading after that is compared
				end := m.during(m.changes("changes during", 12))
				_, _ = m.read()
				end()
			}
			got, err := m.read()
			m.s.ClearFaults()
			if err != nil {
				var e *Error
				if !errors.As(err, &e) {
					rt.Fatal(err)
				}
				continue // it failed clearly
			}
			want, err := fresh.ReadDirectory(context.Background(), ReadOptions{Attributes: movingAttributes})
			if err != nil {
				rt.Fatal(err)
			}
			if a, b := encoded(t, got), encoded(t, want); a != b {
				rt.Fatalf("another reading:\n%s\n%s", described(got), described(want))
			}
		}
		total += m.fromChange
	})
	if total == 0 {
		t.Error("nothing came from what was kept")
	}
	t.Log(total, "readings came from what was kept")
}

func described(d *directory.Directory) string {
	return fmt.Sprintf("%+v\n%+v\n%v", d.Users, d.Groups, d.Columns)
}
