package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

func zeroTime(int32) time.Time { return time.Time{} }

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("it doesn't say %q:\n%s", p, text)
		}
	}
}

func TestMarkdown(t *testing.T) {
	text := reportOf(t, company(), func(in *Input) { in.TakenAt = "2026-11-20T08:00:00Z" }).Markdown()
	contains(t, text,
		"### Who syncs to Atlassian: 5 of 10 users in scope",
		"Connector `atlassian_nested_groups`, scope: Staff.", "The directory was read at 2026-11-20T08:00:00Z.",
		"| 5 | 5 | 0 | 0 |",
		"| skip: `external_member` | 3 |",
		"Set userType to Guest (lasting only at the source",
		"  d0[\"company.com: 4\"]", "  d1[\"fabrikam.example: 4\"]",
		"  d1 -->|3| d1t0[\"Member\"]", "  d1t0 -->|3| v0", "  d1 -->|1| d1t1[\"Guest\"]", "  d1t1 -->|1| v1",
		"  v0([\"don't sync: 5\"])", "  v1([\"sync: 5\"])",
		"<details><summary>skip: external_member (3)</summary>",
		"| adele.vance_fabrikam.example&#35;EXT&#35;&#64;company.com | skip: external_member (fabrikam.example, "+
			"Member, reported) |",
		"of 10 users that could be compared agree with the prediction", "| `pending_or_predicted_wrong` | 5 |",
	)
}

// The longest Markdown fits a comment, and says what it leaves out.
func TestMarkdownIsBounded(t *testing.T) {
	w := newWorld()
	long := strings.Repeat("<é>", 60)
	for i := range 3000 {
		w.external(fmt.Sprintf("%s%d@domain%d.example", long, i, i%500), decision.TypeMember)
		w.user(directory.User{UserPrincipalName: fmt.Sprintf("%s %d", long, i), UserType: fmt.Sprintf("type%d", i%20)})
		w.employee(fmt.Sprintf("%s%d@unverified%d.example", long, i, i))
	}
	text := reportOf(t, w, nil).Markdown()
	if n := utf8.RuneCountInString(text); n > 60_000 || n < 40_000 {
		t.Errorf("%d characters", n)
	}
	if opened, closed := strings.Count(
		text,
		"<details>",
	), strings.Count(
		text,
		"</details>",
	); opened != closed ||
		opened == 0 {
		t.Errorf("%d opened, %d closed", opened, closed)
	}
	if strings.Count(text, "```") != 2 {
		t.Error("the block of the flowchart isn't closed")
	}
	contains(t, text, "… and ", "other domains: ", " other types")
}

// With names by id neither form has a principal name or an address.
func TestIDs(t *testing.T) {
	r := reportOf(t, company(), func(in *Input) { in.IDs = true })
	page, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{"Markdown": r.Markdown(), "page": string(page)} {
		for _, name := range []string{"adele", "amara", "lynne", "leila", "no address"} {
			if strings.Contains(text, name) {
				t.Errorf("the %s names %s", what, name)
			}
		}
		contains(t, text, "u-0000004")
	}
}

// dataOf reads the page's data back.
func dataOf(t testing.TB, page []byte) dataJSON {
	t.Helper()
	m := regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`).FindSubmatch(page)
	if m == nil {
		t.Fatal("the page has no data")
	}
	var d dataJSON
	if err := json.Unmarshal(m[1], &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestData(t *testing.T) {
	page, err := reportOf(t, company(), nil).HTML()
	if err != nil {
		t.Fatal(err)
	}
	d := dataOf(t, page)
	if !slices.IsSorted(d.Names) || len(d.Names) != 10 || len(d.IDs) != 10 {
		t.Fatalf("%v %v", d.Names, d.IDs)
	}
	i := slices.IndexFunc(d.Names, func(s string) bool { return strings.HasPrefix(s, "diego") })
	got := d.Decisions[d.Decision[i]]
	if got.Text != "skip: external_member (fabrikam.example, Member, reported)" || got.Confidence != "reported" ||
		d.Codes[got.Code].Name != "external_member" ||
		d.Domains[d.Domain[i]] != "fabrikam.example" ||
		d.Types[d.Type[i]] != "Member" ||
		d.Addresses[i] != "diego.siciliani@fabrikam.example" {
		t.Errorf("%+v", got)
	}
	// Fixes are those of the one who was tried.
	s := d.Situations[d.Situation[i]]
	if s.Users != 3 || !strings.HasPrefix(d.Names[s.Example], "adele") || len(s.Fixes) < 2 ||
		s.Fixes[0].Change != "Set userType to Guest" {
		t.Errorf("%+v", s)
	}
	bob := slices.IndexFunc(d.Names, func(s string) bool { return strings.HasPrefix(s, "bob") })
	if d.Situation[bob] != -1 || d.Addresses[bob] != "" || len(d.Sets[d.Set[bob]]) != 1 ||
		d.Groups[d.Sets[d.Set[bob]][0]] != "Staff" {
		t.Errorf("%+v", d)
	}
	if !slices.IsSortedFunc(d.Decisions, func(a, b decisionJSON) int { return strings.Compare(a.Text, b.Text) }) {
		t.Error("decisions aren't sorted")
	}
}

// Fixes are tried for as many as was said, the largest situations first, and the
// page says so.
func TestFixesAreBounded(t *testing.T) {
	for max, text := range map[int]string{1: "Fixes were tried for 1 user,", 0: "No fixes were tried", 100: "Fixes were tried for 3 users,"} {
		r := reportOf(t, company(), func(in *Input) { in.MaxFixes = max })
		page, err := r.HTML()
		if err != nil {
			t.Fatal(err)
		}
		contains(t, string(page), text)
		tried := 0
		for k, s := range dataOf(t, page).Situations {
			if s.Example >= 0 {
				tried++
			} else if len(s.Fixes) > 0 || k < max {
				t.Errorf("%d: %+v", max, s)
			}
		}
		if tried != min(max, 3) || r.Tried != tried {
			t.Errorf("%d were tried, %d said, for %d", tried, r.Tried, max)
		}
	}
	for users, want := range map[int]int{0: 100, 25_000: 100, 50_000: 50, 100_000: 25, 500_000: 5, 1_000_000: 5} {
		if got := DefaultMaxFixes(users); got != want {
			t.Errorf("%d users: %d, want %d", users, got, want)
		}
	}
}

// What a fix's text says of a user was found for that user.
func TestFixesAreTheUsersOwn(t *testing.T) {
	w := company()
	// Of three in the same situation one is in a dynamic group, which her fix names.
	w.b.AddGroup(
		directory.GraphGroup{
			ID:             "g-members",
			DisplayName:    "All members",
			MembershipRule: `user.userType -eq "Member"`,
			Members:        []directory.GraphMember{{Type: "user", ID: "u-0000004"}},
		},
	)
	r := reportOf(t, w, nil)
	page, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	d := dataOf(t, page)
	if !strings.Contains(d.Situations[0].Fixes[0].Caveats, "All members") {
		t.Errorf("%+v", d.Situations[0])
	}
	for _, s := range d.Situations {
		i := r.Result.Directory.UserByID(d.IDs[s.Example])
		if want := r.Result.Fixes(i); fmt.Sprint(want) != fmt.Sprint(s.Fixes) {
			t.Errorf("%s has %+v, the engine says %+v", d.Names[s.Example], s.Fixes, want)
		}
	}
}

// The same input gives the same bytes.
func TestSameBytes(t *testing.T) {
	make := func() (string, []byte) {
		r := reportOf(t, company(), func(in *Input) { in.Changes = someChanges() })
		page, err := r.HTML()
		if err != nil {
			t.Fatal(err)
		}
		return r.Markdown(), page
	}
	text, page := make()
	for range 3 {
		if again, p := make(); again != text || !bytes.Equal(p, page) {
			t.Fatal("the bytes differ")
		}
	}
}

// The policy has the hashes of exactly the script and the style sheet of the
// page, and the page refers to nothing else.
func TestPolicy(t *testing.T) {
	raw, err := reportOf(t, company(), nil).HTML()
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	between := func(open, end string) string {
		_, rest, _ := strings.Cut(page, open)
		inside, _, _ := strings.Cut(rest, end)
		return inside
	}
	meta := strings.NewReplacer("&#39;", "'", "&#43;", "+").
		Replace(between(`http-equiv="Content-Security-Policy" content="`, `"`))
	contains(
		t,
		meta,
		"default-src 'none'",
		"script-src "+hashOf(between("<script>", "</script>")),
		"style-src "+hashOf(between("<style>", "</style>")),
	)
	if strings.Contains(meta, "unsafe") {
		t.Error(meta)
	}
	if bad := regexp.MustCompile(`(?i)\s(src|srcset|on\w+|style|action|poster|background)\s*=|<(link|iframe|img|object|embed|base|form)\b|@import|url\(`).
		FindString(page); bad != "" {
		t.Errorf("the page has %q", bad)
	}
}
