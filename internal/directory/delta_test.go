package directory

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// known is a builder with two users and a group of both.
func known(t interface{ Fatal(...any) }) *Builder {
	b := NewBuilder([]string{"department", "extensionAttribute1"})
	for _, raw := range []string{
		`{"id":"u1","userPrincipalName":"ada@x.example","mail":"ada@x.example","userType":"Member","accountEnabled":true,"department":"Sales","onPremisesExtensionAttributes":{"extensionAttribute1":"one"}}`,
		`{"id":"u2","userPrincipalName":"bob@x.example","userType":"Guest","accountEnabled":true}`,
	} {
		u, values, has, err := NewDecoder(b.Attributes()).User([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		b.AddUser(u, values, has)
	}
	b.AddGroup(
		GraphGroup{
			ID:              "g1",
			DisplayName:     "All",
			SecurityEnabled: true,
			Members:         []GraphMember{{"user", "u1"}, {"user", "u2"}},
		},
	)
	return b
}

func roundOf(t interface{ Fatal(...any) }, objects ...string) *Round {
	r := NewRound()
	for _, raw := range objects {
		if err := r.Add([]byte(raw)); err != nil {
			t.Fatal(raw, err)
		}
	}
	return r
}

func TestApplyUsers(t *testing.T) {
	for name, c := range map[string]struct {
		objects    []string
		unresolved Unresolved
		want       string // of u1: principal name, mail, type, department, extension
	}{
		"nothing":             {nil, Unresolved{}, `ada@x.example ada@x.example Member "Sales" "one"`},
		"one property":        {[]string{`{"id":"U1","userType":"Guest"}`}, Unresolved{}, `ada@x.example ada@x.example Guest "Sales" "one"`},
		"cleared":             {[]string{`{"id":"u1","mail":null,"department":null}`}, Unresolved{}, `ada@x.example  Member  "one"`},
		"extension":           {[]string{`{"id":"u1","onPremisesExtensionAttributes":{"extensionAttribute2":"two"}}`}, Unresolved{}, `ada@x.example ada@x.example Member "Sales" `},
		"no extensions":       {[]string{`{"id":"u1","onPremisesExtensionAttributes":null}`}, Unresolved{}, `ada@x.example ada@x.example Member "Sales" `},
		"told twice":          {[]string{`{"id":"u1","mail":"b@x"}`, `{"mail":"b@x","id":"u1"}`}, Unresolved{}, `ada@x.example b@x Member "Sales" "one"`},
		"in parts":            {[]string{`{"id":"u1","mail":"b@x"}`, `{"id":"u1","userType":"Guest"}`}, Unresolved{}, `ada@x.example b@x Guest "Sales" "one"`},
		"in contradiction":    {[]string{`{"id":"u1","mail":"b@x"}`, `{"id":"u1","mail":"c@x"}`}, Unresolved{Unclear: []string{"u1"}}, `ada@x.example ada@x.example Member "Sales" "one"`},
		"removed":             {[]string{`{"id":"u1","@removed":{"reason":"changed"}}`}, Unresolved{}, "gone"},
		"removed twice":       {[]string{`{"id":"u1","@removed":{"reason":"changed"}}`, `{"id":"u1","@removed":{"reason":"deleted"}}`}, Unresolved{}, "gone"},
		"removed and there":   {[]string{`{"id":"u1","@removed":{"reason":"changed"}}`, `{"id":"u1","mail":"b@x"}`}, Unresolved{Unclear: []string{"u1"}}, `ada@x.example ada@x.example Member "Sales" "one"`},
		"there and removed":   {[]string{`{"id":"u1","mail":"b@x"}`, `{"id":"u1","@removed":{"reason":"changed"}}`}, Unresolved{Unclear: []string{"u1"}}, `ada@x.example ada@x.example Member "Sales" "one"`},
		"new":                 {[]string{`{"id":"u3","userPrincipalName":"new@x.example"}`}, Unresolved{Arrived: []string{"u3"}}, `ada@x.example ada@x.example Member "Sales" "one"`},
		"removed and unknown": {[]string{`{"id":"u3","@removed":{"reason":"deleted"}}`}, Unresolved{}, `ada@x.example ada@x.example Member "Sales" "one"`},
	} {
		t.Run(name, func(t *testing.T) {
			b := known(t)
			unresolved, err := b.ApplyUsers(roundOf(t, c.objects...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.unresolved, unresolved); diff != "" {
				t.Error(diff)
			}
			d := b.Build("t", nil)
			got := "gone"
			if i := d.UserByID("u1"); i >= 0 {
				u := d.Users[i]
				got = strings.Join(
					[]string{u.UserPrincipalName, u.Mail, u.UserType, d.Columns[0][i], d.Columns[1][i]},
					" ",
				)
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if i := d.UserByID(
				"u2",
			); d.Users[i].UserPrincipalName != "bob@x.example" ||
				len(d.Groups[0].Unreadable) > 0 {
				t.Error("somebody else changed")
			}
		})
	}
}

func TestApplyGroups(t *testing.T) {
	member := func(id string) string { return `{"@odata.type":"#microsoft.graph.user","id":"` + id + `"}` }
	removed := func(id string) string {
		return `{"@odata.type":"#microsoft.graph.user","id":"` + id + `","@removed":{"reason":"deleted"}}`
	}
	group := func(members ...string) string {
		return `{"id":"g1","displayName":"All","members@delta":[` + strings.Join(members, ",") + `]}`
	}
	for name, c := range map[string]struct {
		objects    []string
		unresolved Unresolved
		want       string
	}{
		"renamed":             {[]string{`{"id":"G1","displayName":"Everyone"}`}, Unresolved{}, "Everyone true [u1 u2]"},
		"a member goes":       {[]string{group(removed("u1"))}, Unresolved{}, "All true [u2]"},
		"a member comes":      {[]string{group(member("U3"))}, Unresolved{}, "All true [u1 u2 u3]"},
		"again":               {[]string{group(member("u1"), removed("u4"))}, Unresolved{}, "All true [u1 u2]"},
		"over pages":          {[]string{group(member("u3")), group(removed("u1")), group(member("u3"))}, Unresolved{}, "All true [u2 u3]"},
		"comes and goes":      {[]string{group(member("u3")), group(removed("u3"))}, Unresolved{Unclear: []string{"g1"}}, "All true [u1 u2]"},
		"without annotation":  {[]string{`{"id":"g1","displayName":"All","securityEnabled":false}`}, Unresolved{}, "All false [u1 u2]"},
		"somebody unknown":    {[]string{group(member("u9"))}, Unresolved{Unsure: []string{"g1"}}, "All true [u1 u2]"},
		"a device":            {[]string{`{"id":"g1","members@delta":[{"@odata.type":"#microsoft.graph.device","id":"d"}]}`}, Unresolved{}, "All true [u1 u2]"},
		"annotation is null":  {[]string{`{"id":"g1","members@delta":null}`}, Unresolved{}, "All true [u1 u2]"},
		"removed":             {[]string{`{"id":"g1","@removed":{"reason":"changed"}}`}, Unresolved{}, "gone"},
		"new":                 {[]string{`{"id":"g2","displayName":"Two","members@delta":[` + member("u1") + `]}`}, Unresolved{Arrived: []string{"g2"}}, "All true [u1 u2]"},
		"a snapshot's member": {[]string{`{"id":"g1","members":[]}`}, Unresolved{}, "All true [u1 u2]"},
	} {
		t.Run(name, func(t *testing.T) {
			b := known(t)
			b.AddUser(User{ID: "u3"}, []string{"", ""}, 0)
			unresolved, err := b.ApplyGroups(roundOf(t, c.objects...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.unresolved, unresolved); diff != "" {
				t.Error(diff)
			}
			if got := groupText(b.Build("t", nil), "g1"); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func groupText(d *Directory, id string) string {
	i := d.GroupByID(id)
	if i < 0 {
		return "gone"
	}
	g := &d.Groups[i]
	var users []string
	for _, u := range g.Users {
		users = append(users, d.Users[u].ID)
	}
	return fmt.Sprint(g.DisplayName, " ", g.SecurityEnabled, " ", users)
}

// A deleted user is no member, and is one again when back.
func TestGoneMembers(t *testing.T) {
	b := known(t)
	b.RemoveUser("u1")
	if got := groupText(
		b.Build("t", nil),
		"g1",
	); got != "All true [u2]" ||
		len(b.Build("t", nil).Groups[0].Unreadable) != 0 {
		t.Error(got)
	}
	b, err := UnpackBuilder(b.Pack())
	if err != nil {
		t.Fatal(err)
	}
	b.AddUser(User{ID: "u1"}, []string{"", ""}, 0)
	if got := groupText(b.Build("t", nil), "g1"); got != "All true [u1 u2]" {
		t.Error(got)
	}
	hidden := NewBuilder(nil)
	hidden.AddGroup(GraphGroup{ID: "g", HiddenMembership: true, Members: []GraphMember{{"user", "u"}}})
	hidden.RemoveUser("u")
	if !hidden.Build("t", nil).Groups[0].Hidden {
		t.Error("a deleted member is taken for one who was listed")
	}
}

// Nobody is among the users and gone: whatever their members are called, groups agree.
func TestThereAndGone(t *testing.T) {
	const user, one, two = "11111111-0000-4000-8000-000000000001", "g1", "g2"
	b := NewBuilder(nil)
	b.AddUser(User{ID: user}, nil, 0)
	b.AddGroup(GraphGroup{ID: one, DisplayName: "One", Members: []GraphMember{{typeUser, user}}})
	b.AddGroup(GraphGroup{ID: two, DisplayName: "Two", Members: []GraphMember{{"", user}}})
	b.RemoveGroup(user)
	d := b.Build("t", nil)
	if x, y := groupText(d, one), groupText(d, two); x != "One false ["+user+"]" || y != "Two false ["+user+"]" {
		t.Error(x, y)
	}
	b.gone.set(user, 0)
	if _, err := UnpackBuilder(b.Pack()); err == nil {
		t.Error("kept facts say that somebody is there and gone")
	}
}

func TestSetMemberOf(t *testing.T) {
	b := known(t)
	b.AddGroup(GraphGroup{ID: "g2", DisplayName: "Two"})
	b.SetMemberOf(
		map[string]map[string]bool{"u1": {"g2": true, "unknown": true}, "u2": {"g1": true}},
		func(string) string { return "user" },
	)
	d := b.Build("t", nil)
	if groupText(d, "g1") != "All true [u2]" || groupText(d, "g2") != "Two false [u1]" {
		t.Error(groupText(d, "g1"), groupText(d, "g2"))
	}
}

func TestRoundMistakes(t *testing.T) {
	for _, raw := range []string{``, `[]`, `{}`, `{"id":1}`, `{"id":"g","members@delta":{}}`, `{"id":"g","members@delta":[{}]}`, `{"id":"g","members@delta":[1]}`} {
		var e *SyntaxError
		if err := NewRound().Add([]byte(raw)); !errors.As(err, &e) {
			t.Errorf("%s: %v", raw, err)
		}
	}
	if _, err := known(t).ApplyUsers(roundOf(t, `{"id":"u1","mail":1}`)); err == nil {
		t.Error("a number is an address")
	}
}

// What is packed builds the same, and packs the same.
func TestPackedBuildsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		b := NewBuilder(f.attributes)
		for i := range f.users {
			b.AddUser(f.users[i], f.values[i], 0)
		}
		for _, g := range f.groups {
			b.AddGroup(g)
		}
		for _, id := range rapid.SliceOf(objectID).Draw(t, "gone") {
			b.RemoveUser(id)
		}
		raw := b.Pack()
		again, err := UnpackBuilder(raw)
		if err != nil {
			t.Fatal(err)
		}
		if mustEncode(t, b.Build(f.tenant, nil)) != mustEncode(t, again.Build(f.tenant, nil)) {
			t.Error("another directory")
		}
		if !slices.Equal(raw, again.Pack()) {
			t.Error("packed in another way")
		}
	})
}

func FuzzUnpackBuilder(f *testing.F) {
	f.Add(known(f).Pack())
	f.Add(NewBuilder(nil).Pack())
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := UnpackBuilder(raw)
		if err != nil {
			return
		}
		d := b.Build("t", nil)
		if _, err := DecodeDirectory(mustEncode(t, d)); err != nil {
			t.Fatal(err)
		}
		again, err := UnpackBuilder(b.Pack())
		if err != nil || mustEncode(t, again.Build("t", nil)) != mustEncode(t, d) {
			t.Fatal("another directory", err)
		}
	})
}

// Each object on a line of its own; a line that begins with g is of the groups.
func FuzzDelta(f *testing.F) {
	f.Add(
		`{"id":"u1","mail":null}` + "\n" + `{"id":"u2","@removed":{"reason":"changed"}}` + "\n" + `g{"id":"g1","members@delta":[{"@odata.type":"#microsoft.graph.user","id":"u1","@removed":{"reason":"deleted"}}]}`,
	)
	f.Add(
		`{"id":"u1","onPremisesExtensionAttributes":{"extensionAttribute1":"x"}}` + "\n" + `g{"id":"g2","displayName":"x","visibility":"HiddenMembership"}` + "\n" + `g{"id":"g1","@removed":{}}`,
	)
	f.Fuzz(func(t *testing.T, text string) {
		b, users, groups := known(t), NewRound(), NewRound()
		for line := range strings.Lines(text) {
			r := users
			if raw, ok := strings.CutPrefix(line, "g"); ok {
				r, line = groups, raw
			}
			if r.Add([]byte(line)) != nil {
				return
			}
		}
		userNews, err := b.ApplyUsers(users)
		if err != nil {
			return
		}
		groupNews, err := b.ApplyGroups(groups)
		if err != nil {
			return
		}
		if len(userNews.Arrived)+len(userNews.Unclear) > len(users.IDs()) ||
			len(groupNews.Arrived)+len(groupNews.Unclear) > len(groups.IDs()) {
			t.Fatal("more unresolved objects than objects")
		}
		d := b.Build("t", nil)
		again, err := DecodeDirectory(mustEncode(t, d))
		if err != nil {
			t.Fatal(err)
		}
		if diff := difference(d, again); diff != "" {
			t.Fatal(diff)
		}
		kept, err := UnpackBuilder(b.Pack())
		if err != nil || mustEncode(t, kept.Build("t", nil)) != mustEncode(t, d) {
			t.Fatal("another directory", err)
		}
	})
}

// Users, groups, members and domains as the decoders see them.
func FuzzGraph(f *testing.F) {
	f.Add(
		[]byte(
			`{"id":"U","userPrincipalName":"a@x","otherMails":["b@x"],"userType":null,"accountEnabled":true,"onPremisesExtensionAttributes":{"extensionAttribute1":"\ud800"}}`,
		),
	)
	f.Add(
		[]byte(
			`{"id":"g","displayName":"x","visibility":"HiddenMembership","members":[{"@odata.type":"#microsoft.graph.group","id":"h"}]}`,
		),
	)
	f.Add([]byte(`{"id":"company.example","isVerified":true}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b := NewBuilder([]string{"department", "extensionAttribute1", "otherMails"})
		if u, values, has, err := NewDecoder(b.Attributes()).User(raw); err == nil {
			b.AddUser(u, values, has)
		}
		dec := NewDecoder(nil)
		if g, err := dec.Group(raw); err == nil {
			b.AddGroup(g)
			if m, err := dec.Member(raw); err == nil {
				if err := b.AddMember(g.ID, m); err != nil {
					t.Fatal(err)
				}
			}
		}
		if d, err := DecodeDomain(raw); err == nil {
			b.AddDomain(d)
		}
		d := b.Build("t", nil)
		again, err := DecodeDirectory(mustEncode(t, d))
		if err != nil {
			t.Fatal(err)
		}
		if diff := difference(d, again); diff != "" {
			t.Fatal(diff)
		}
	})
}
