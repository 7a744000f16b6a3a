package directory

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func peopled(below []string) *Lookup {
	b := NewBuilder(nil)
	for _, u := range []User{
		{ID: "11111111-1111-4111-8111-111111111111", UserPrincipalName: "Ada@Company.example", Mail: "ada.l@company.example"},
		{ID: "22222222-2222-4222-8222-222222222222", UserPrincipalName: "bob@company.example", Mail: "shared@company.example"},
		{ID: "33333333-3333-4333-8333-333333333333", UserPrincipalName: "eve@company.example", Mail: "Shared@company.example"},
		{ID: "44444444-4444-4444-8444-444444444444", UserPrincipalName: "dup@company.example", Mail: "dup@company.example"},
		{ID: "55555555-5555-4555-8555-555555555555", UserPrincipalName: "zoe@company.example", Mail: "BOB@company.example"},
		{ID: "66666666-6666-4666-8666-666666666666"},
		{ID: "77777777-7777-4777-8777-777777777777"},
	} {
		b.AddUser(u, nil, 0)
	}
	for _, g := range []GraphGroup{
		{ID: "aaaaaaaa-1111-4111-8111-111111111111", DisplayName: "Sales"},
		{ID: "aaaaaaaa-2222-4222-8222-222222222222", DisplayName: "Sales"},
		{ID: "aaaaaaaa-3333-4333-8333-333333333333", DisplayName: "sales"},
		{ID: "aaaaaaaa-4444-4444-8444-444444444444", DisplayName: ""},
		{ID: "aaaaaaaa-5555-4555-8555-555555555555", DisplayName: " Padded "},
	} {
		b.AddGroup(g)
	}
	return NewLookup(b.Build("t", below))
}

func TestLookupUser(t *testing.T) {
	l := peopled(nil)
	for name, want := range map[string]struct {
		at  int32
		ids int
	}{
		"ada@company.example":                  {0, 0},
		"ADA@COMPANY.EXAMPLE":                  {0, 0},
		"Ada.L@company.example":                {0, 0},
		"11111111-1111-4111-8111-111111111111": {0, 0},
		"33333333-3333-4333-8333-333333333333": {2, 0},
		"dup@company.example":                  {3, 0},
		"shared@company.example":               {-1, 2},
		"bob@company.example":                  {-1, 2}, // one's principal name, another's mail
		"nobody@company.example":               {-1, 0},
		"ada":                                  {-1, 0},
		"":                                     {-1, 0}, // users without names aren't called ""
	} {
		at, err := l.User(name)
		var e *NotFoundError
		if at != want.at || (err == nil) != (want.at >= 0) ||
			err != nil && (!errors.As(err, &e) || len(e.IDs) != want.ids || e.Kind != "user") {
			t.Errorf("%q: %d, %v", name, at, err)
		}
	}
	if _, err := l.User(
		"shared@company.example",
	); !strings.Contains(err.Error(), `2 users are called "shared@company.example": 2222`) ||
		!strings.Contains(err.Error(), "by its object id") {
		t.Error(err)
	}
	upper := strings.ToUpper("aaaaaaaa-5555-4555-8555-555555555555")
	if at, err := l.Group(upper); err != nil || at != 4 {
		t.Errorf("an id in upper case: %d, %v", at, err)
	}
}

func TestLookupGroup(t *testing.T) {
	l := peopled(nil)
	for name, want := range map[string]struct {
		at  int32
		ids int
	}{
		"sales":                                {2, 0},
		"Sales":                                {-1, 2},
		"SALES":                                {-1, 0},
		"Padded":                               {-1, 0},
		"aaaaaaaa-2222-4222-8222-222222222222": {1, 0},
	} {
		at, err := l.Group(name)
		var e *NotFoundError
		if at != want.at || (err == nil) != (want.at >= 0) ||
			err != nil && (!errors.As(err, &e) || len(e.IDs) != want.ids) {
			t.Errorf("%q: %d, %v", name, at, err)
		}
	}
	if at, err := l.Group(" Padded "); at != 4 || err != nil {
		t.Errorf("spaces are part of a name: %d, %v", at, err)
	}
	for i, want := range []string{"Sales (aaaaaaaa-1111-4111-8111-111111111111)", "Sales (aaaaaaaa-2222-4222-8222-222222222222)", "sales", " (aaaaaaaa-4444-4444-8444-444444444444)", " Padded "} {
		if got := l.UniqueGroupName(int32(i)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	ids := l.GroupIDs([]string{"sales", "aaaaaaaa-1111-4111-8111-111111111111", "sales", "Nobody"})
	if want := []string{
		"aaaaaaaa-1111-4111-8111-111111111111",
		"aaaaaaaa-3333-4333-8333-333333333333",
	}; !slices.Equal(
		ids,
		want,
	) {
		t.Errorf("got %v, want %v", ids, want)
	}
	if ids := l.GroupIDs([]string{"Sales"}); len(ids) != 2 {
		t.Errorf("two groups of one name: got %v", ids)
	}
	if l.GroupIDs([]string{}) == nil {
		t.Error("no groups are the whole tenant")
	}
}

func TestLookupInAPart(t *testing.T) {
	_, err := peopled([]string{"g"}).Group("Elsewhere")
	if err == nil || !strings.Contains(err.Error(), `the argument "groups" of usersync_directory`) {
		t.Error(err)
	}
	e := &NotFoundError{Kind: "group", Name: "many", IDs: make([]string, 30)}
	if n := strings.Count(e.Error(), ", "); n != 9 {
		t.Errorf("%d ids are listed", n+1)
	}
}
