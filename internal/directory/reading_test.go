package directory

import (
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/packed"
)

func difference(a, b *Directory) string {
	return cmp.Diff(a, b, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(Directory{}))
}

func TestReadingComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawFacts(t).build(nil)
		if rapid.Bool().Draw(t, "limited") {
			d.Below = rapid.SliceOfN(objectID, 0, 2).Draw(t, "below")
			for i := range d.Below {
				d.Below[i] = strings.ToValidUTF8(d.Below[i], "?") // Graph's ids came through JSON
			}
		}
		text := mustEncode(t, d)
		got, err := DecodeDirectory(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := difference(d, got); diff != "" {
			t.Fatalf("-written +read:\n%s", diff)
		}
		if (got.Below == nil) != (d.Below == nil) {
			t.Fatal("the whole tenant and nothing of it are confused")
		}
		if mustEncode(t, got) != text {
			t.Fatal("written again it has other bytes")
		}
		for i, u := range d.Users {
			if got.UserByID(u.ID) != int32(i) {
				t.Fatalf("user %q isn't found", u.ID)
			}
		}
	})
}

func TestReadingIsCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		a, b := f.build(nil), f.build(random)
		if mustEncode(t, a) != mustEncode(t, b) {
			t.Fatalf("the order of arrival shows:\n%s", difference(a, b))
		}
	})
}

// Projecting a wide reading is reading the narrow one.
func TestProjection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		wide := f.build(nil)
		attributes := rapid.SliceOfN(rapid.SampledFrom([]string{"department", "mail"}), 0, 3).Draw(t, "narrow")
		kept := attributes[:0]
		for _, a := range attributes {
			if _, ok := wide.Column(a); ok {
				kept = append(kept, a)
			}
		}
		var below []string
		if len(wide.Groups) > 0 && rapid.Bool().Draw(t, "below") {
			below = []string{wide.Groups[rapid.IntRange(0, len(wide.Groups)-1).Draw(t, "group")].ID}
		}
		if !wide.Covers(below, kept) {
			t.Fatal("a whole tenant doesn't cover its part")
		}
		got, want := wide.Project(below, kept), f.narrow(below, kept)
		if mustEncode(t, got) != mustEncode(t, want) {
			t.Fatalf("-read +projected:\n%s", difference(want, got))
		}
		again, err := DecodeDirectory(mustEncode(t, got))
		if err != nil {
			t.Fatal(err)
		}
		if mustEncode(t, again.Project(below, kept)) != mustEncode(t, got) {
			t.Fatal("projecting twice differs from once")
		}
	})
}

// narrow is a reading of what is below some groups, from the facts: what
// Client.ReadDirectory does with Graph.
func (f facts) narrow(below, attributes []string) *Directory {
	b := NewBuilder(attributes)
	for _, d := range f.domains {
		b.AddDomain(d)
	}
	at := map[string]int{}
	for i, a := range f.attributes {
		at[a] = i
	}
	users := map[string]int{}
	groups := map[string]int{}
	for i, u := range f.users {
		users[u.ID] = i
	}
	for i, g := range f.groups {
		groups[g.ID] = i
	}
	addUser := func(i int) {
		values := make([]string, len(b.Attributes()))
		for c, a := range b.Attributes() {
			values[c] = f.values[i][at[a]]
		}
		b.AddUser(f.users[i], values, HasUserType|HasAccountEnabled)
	}
	if below == nil {
		for i := range f.users {
			addUser(i)
		}
		for _, g := range f.groups {
			b.AddGroup(g)
		}
		return b.Build(f.tenant, nil)
	}
	todo := append([]string{}, below...)
	for len(todo) > 0 {
		g := f.groups[groups[todo[0]]]
		todo = todo[1:]
		if b.HasGroup(g.ID) {
			continue
		}
		b.AddGroup(g)
		for _, m := range g.Members {
			if i, ok := users[m.ID]; ok {
				addUser(i)
			} else if _, ok := groups[m.ID]; ok {
				todo = append(todo, m.ID)
			}
		}
	}
	return b.Build(f.tenant, below)
}

func TestCovers(t *testing.T) {
	b := NewBuilder([]string{"department"})
	b.AddGroup(GraphGroup{ID: "g1"})
	whole := b.Build("t", nil)
	b = NewBuilder([]string{"department"})
	b.AddGroup(GraphGroup{ID: "g1"})
	part := b.Build("t", []string{"g1"})
	for _, c := range []struct {
		d                 *Directory
		below, attributes []string
		want              bool
	}{
		{whole, nil, nil, true},
		{whole, []string{"elsewhere"}, []string{"department"}, true},
		{whole, nil, []string{"jobTitle"}, false},
		{part, nil, nil, false},
		{part, []string{"g1"}, nil, true},
		{part, []string{"g1", "g2"}, nil, false},
		{part, []string{}, nil, true},
	} {
		if got := c.d.Covers(c.below, c.attributes); got != c.want {
			t.Errorf("below %v with %v: %v", c.below, c.attributes, got)
		}
	}
}

func TestNothingBelowIsNotTheWholeTenant(t *testing.T) {
	d := drawn().Project([]string{}, nil)
	if d.WholeTenant() || len(d.Users) != 0 || len(d.Groups) != 0 {
		t.Errorf("%d users, %d groups, below %v", len(d.Users), len(d.Groups), d.Below)
	}
}

func drawn() *Directory {
	b := NewBuilder(nil)
	b.AddUser(User{ID: "u1", UserType: "Member", AccountEnabled: True}, nil, 0)
	b.AddGroup(GraphGroup{ID: "g1", DisplayName: "All", Members: []GraphMember{{"user", "u1"}}})
	return b.Build("t", nil)
}

func TestWrongReadings(t *testing.T) {
	directory := mustEncode(t, drawn())
	organization, err := (&Organization{ID: "o"}).EncodeReading()
	if err != nil {
		t.Fatal(err)
	}
	newer, err := packed.Seal(kindDirectory, ReadingVersion+1, nil)
	if err != nil {
		t.Fatal(err)
	}
	older, err := packed.Seal(kindDirectory, ReadingVersion-1, nil)
	if err != nil {
		t.Fatal(err)
	}
	sealed := func(payload string) string {
		s, err := packed.Seal(kindDirectory, ReadingVersion, []byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	raw, _ := base64.StdEncoding.DecodeString(directory)
	decodeD := func(s string) error { _, err := DecodeDirectory(s); return err }
	decodeO := func(s string) error { _, err := DecodeOrganization(s); return err }
	for name, c := range map[string]struct {
		decode func(string) error
		text   string
		want   string
	}{
		"empty": {decodeD, "", "no reading. Expected the attribute \"reading\" of a usersync_directory"},
		"JSON":  {decodeD, `{"version":1}`, "no reading"},
		"an organization's": {decodeD, organization, "other kind. Expected the attribute \"reading\" of a " +
			"usersync_directory"},
		"a directory's": {decodeO, directory, "other kind. Expected the attribute \"reading\" of a " +
			"usersync_organization"},
		"newer":               {decodeD, newer, "format version 3; this provider reads version 2"},
		"older":               {decodeD, older, "format version 1; this provider reads version 2"},
		"cut":                 {decodeD, base64.StdEncoding.EncodeToString(raw[:len(raw)-5]), "damaged"},
		"no header":           {decodeD, sealed(""), "damaged: its header is no JSON"},
		"wrong header":        {decodeD, sealed("\x02[]"), "damaged: its header is no JSON"},
		"header alone":        {decodeD, sealed("\x02{}"), "damaged: it ends early"},
		"no organization":     {decodeO, mustSeal(t, kindOrganization, "[]"), "damaged"},
		"trailing facts":      {decodeD, sealed(payload(t, directory) + "x"), "damaged: more data than it announces"},
		"rest of it is cut":   {decodeD, sealed(payload(t, directory)[:60]), "damaged"},
		"trailing JSON":       {decodeO, mustSeal(t, kindOrganization, "{} {}"), "damaged"},
		"organization is cut": {decodeO, mustSeal(t, kindOrganization, `{"organization_id":`), "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.decode(c.text)
			var e *ReadingError
			if !errors.As(err, &e) || !strings.Contains(e.Reason, c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func mustSeal(t testing.TB, kind byte, payload string) string {
	t.Helper()
	s, err := packed.Seal(kind, ReadingVersion, []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func payload(t testing.TB, reading string) string {
	t.Helper()
	p, err := open(kindDirectory, reading)
	if err != nil {
		t.Fatal(err)
	}
	return string(p)
}

// A payload that is cut is an error wherever it is cut.
func TestEveryCutPayload(t *testing.T) {
	snap, err := ReadSnapshot(company, []string{"department", "businessPhones"})
	if err != nil {
		t.Fatal(err)
	}
	d, err := snap.Directory()
	if err != nil {
		t.Fatal(err)
	}
	whole := payload(t, mustEncode(t, d))
	for n := range len(whole) {
		if _, err := DecodeDirectory(mustSeal(t, kindDirectory, whole[:n])); err == nil {
			t.Fatalf("%d of %d bytes are taken for the whole", n, len(whole))
		}
	}
}

func TestReadingTooLarge(t *testing.T) {
	defer func(before int) { largest = before }(largest)
	largest = 200
	b := NewBuilder(nil)
	random := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		b.AddUser(
			User{
				ID: string(
					rune('a'+random.IntN(26)),
				) + base64.StdEncoding.EncodeToString(
					[]byte{byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32())},
				),
			},
			nil,
			0,
		)
	}
	_, err := b.Build("t", nil).EncodeReading()
	var e *ReadingError
	if !errors.As(err, &e) || !strings.Contains(e.Reason, "too large to pass between CLI and "+
		"provider") || !strings.Contains(e.Reason, `"groups"`) {
		t.Errorf("got %v", err)
	}
}

func TestOrganizationComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		valid := rapid.Map(anyText, func(s string) string { return strings.ToValidUTF8(s, "�") })
		o := &Organization{ID: valid.Draw(t, "id"), AccountsCovered: rapid.Bool().Draw(t, "covered")}
		for range rapid.IntRange(0, 4).Draw(t, "claims") {
			o.Domains = append(
				o.Domains,
				Claim{Name: valid.Draw(t, "name"), Type: valid.Draw(t, "type"), Status: valid.Draw(t, "status")},
			)
		}
		for range rapid.IntRange(0, 4).Draw(t, "accounts") {
			o.Accounts = append(
				o.Accounts,
				Account{
					AccountID: valid.Draw(t, "account"),
					Email:     valid.Draw(t, "email"),
					Status:    valid.Draw(t, "status"),
				},
			)
			o.Groups = append(
				o.Groups,
				AccountGroup{
					ID:      valid.Draw(t, "group"),
					Name:    valid.Draw(t, "name"),
					Members: rapid.SliceOfN(valid, 0, 3).Draw(t, "members"),
				},
			)
		}
		o.Sort()
		reading, err := o.EncodeReading()
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeOrganization(reading)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(o, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("-written +read:\n%s", diff)
		}
		// In another order, and with repetitions, they are the same facts.
		for _, list := range [][]Claim{o.Domains} {
			got.Domains = append(got.Domains, list...)
		}
		got.Accounts, got.Groups = append(got.Accounts, o.Accounts...), append(got.Groups, o.Groups...)
		got.Sort()
		if again, err := got.EncodeReading(); err != nil || again != reading {
			t.Fatalf("order or repetition shows; %v", err)
		}
	})
}

func FuzzDecodeDirectory(f *testing.F) {
	d := drawn()
	f.Add([]byte(payload(f, mustEncode(f, d))))
	snap, err := ReadSnapshot(company, []string{"department"})
	if err != nil {
		f.Fatal(err)
	}
	if d, err = snap.Directory(); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(payload(f, mustEncode(f, d))))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := DecodeDirectory(mustSeal(t, kindDirectory, string(raw)))
		if err != nil {
			var e *ReadingError
			if !errors.As(err, &e) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		again, err := DecodeDirectory(mustEncode(t, d))
		if err != nil {
			t.Fatal(err)
		}
		if diff := difference(d, again); diff != "" {
			t.Fatal(diff)
		}
		d.Project(nil, nil)
		if len(d.Groups) > 0 {
			d.Project([]string{d.Groups[0].ID}, nil)
		}
	})
}

// The text itself, not only what is inside the envelope.
func FuzzDecodeText(f *testing.F) {
	f.Add(mustEncode(f, drawn()))
	f.Add("dXNyZEQB")
	f.Fuzz(func(t *testing.T, text string) {
		var e *ReadingError
		if _, err := DecodeDirectory(text); err != nil && !errors.As(err, &e) {
			t.Errorf("%T: %v", err, err)
		}
		if _, err := DecodeOrganization(text); err != nil && !errors.As(err, &e) {
			t.Errorf("%T: %v", err, err)
		}
	})
}

func FuzzDecodeOrganization(f *testing.F) {
	f.Add(
		[]byte(
			`{"organization_id":"o","domains":[{"Name":"a.example","Type":"dns","Status":"verified"}],"accounts_covered":true,"groups":[{"id":"g","members":["a"]}]}`,
		),
	)
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := DecodeOrganization(mustSeal(t, kindOrganization, string(raw)))
		if err != nil {
			var e *ReadingError
			if !errors.As(err, &e) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		o.Sort()
		if _, err := o.EncodeReading(); err != nil {
			t.Fatal(err)
		}
	})
}
