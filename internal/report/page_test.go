package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// starts fails unless the users shown begin with some texts, in this order.
func (b *tab) starts(want ...string) {
	b.Helper()
	got := b.names()
	if len(got) != len(want) {
		b.Errorf("shown are %q, want %q", got, want)
		return
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			b.Errorf("shown are %q, want %q", got, want)
			return
		}
	}
}

func (b *tab) counts(want string) {
	b.Helper()
	if got := b.count(); got != want {
		b.Errorf("it says %q, want %q", got, want)
	}
}

func TestBrowserFilters(t *testing.T) {
	b := open(t, pageOf(t, company(), nil))
	b.counts("10 users, 1 to 10 shown")
	b.search("VANCE fabrikam")
	b.starts("adele.vance")
	b.counts("1 user of 10, 1 to 1 shown")
	b.search("staff")
	b.starts("amara", "bob", "clara", "dora", "lynne") // who lands in the group
	b.search("u-0000004")
	b.starts("adele")
	b.search("external_member")
	b.counts("3 users of 10, 1 to 3 shown")
	b.search("nobody at all")
	b.counts("No user of 10 matches")
	b.do(chromedp.Click("#reset"))
	b.counts("10 users, 1 to 10 shown")
	b.choose("verdict", "skip")
	b.starts("adele", "alex", "diego", "leila", "no address")
	b.choose("code", "domain_not_verified")
	b.starts("leila")
	b.choose("code", "all")
	b.choose("domain", "no home domain")
	b.starts("no address")
	b.choose("domain", "all")
	b.choose("verdict", "all")
	b.choose("type", "Guest")
	b.starts("lynne")
	// A reason's button shows its users, and takes the focus there.
	b.do(chromedp.Click(`button[data-code="external_member"]`))
	b.starts("adele", "alex", "diego")
	if at := b.text(`document.activeElement.id`); at != "users-h" {
		t.Errorf("the focus is on %q", at)
	}
}

func TestBrowserSort(t *testing.T) {
	b := open(t, pageOf(t, company(), nil))
	aria := func(column string) string {
		return b.text(fmt.Sprintf(`document.querySelector("[data-sort=%s]").getAttribute("aria-sort") || ""`, column))
	}
	if got := aria("name"); got != "ascending" {
		t.Errorf("by name: %q", got)
	}
	up := b.names()
	b.do(chromedp.Click("[data-sort=name] button"))
	down := b.names()
	slices.Reverse(down)
	if !slices.Equal(up, down) || aria("name") != "descending" {
		t.Errorf("%q and back %q", up, down)
	}
	b.do(chromedp.Click("[data-sort=decision] button"))
	b.starts("leila", "adele", "alex", "diego", "no address", "amara", "bob", "clara", "dora", "lynne")
	if aria("decision") != "ascending" || aria("name") != "" {
		t.Errorf("decision %q, name %q", aria("decision"), aria("name"))
	}
	b.do(chromedp.Click("[data-sort=type] button"))
	if names := b.names(); !strings.HasPrefix(names[0], "lynne") {
		t.Errorf("by type: %q", names)
	}
}

// Pages of rows: what they show and where they end.
func TestBrowserPages(t *testing.T) {
	w := newWorld()
	for i := range 250 {
		w.employee(fmt.Sprintf("u%03d@company.com", i))
	}
	b := open(t, pageOf(t, w, nil))
	disabled := func(id string) (d bool) {
		b.eval(fmt.Sprintf(`document.getElementById(%q).disabled`, id), &d)
		return d
	}
	b.counts("250 users, 1 to 100 shown")
	if !disabled("prev") || disabled("next") {
		t.Error("the first page isn't the first")
	}
	b.do(chromedp.Click("#next"))
	b.counts("250 users, 101 to 200 shown")
	if got := b.text(
		`document.querySelector("#rows tr").getAttribute("aria-rowindex") + " of " + document.getElementById("table").getAttribute("aria-rowcount")`,
	); got != "102 of 251" {
		t.Errorf("the first row is %s", got)
	}
	b.do(chromedp.Click("#last"))
	b.counts("250 users, 201 to 250 shown")
	if !disabled("next") || disabled("prev") {
		t.Error("the last page isn't the last")
	}
	b.search("u24")
	b.counts("10 users of 250, 1 to 10 shown")
}

// With the keyboard alone: to the table, to a user, open, on, and closed.
func TestBrowserKeyboard(t *testing.T) {
	b := open(t, pageOf(t, company(), nil))
	focused := func(property string) string {
		return b.text(`String(document.activeElement.` + property + `)`)
	}
	b.do(chromedp.KeyEvent(kb.Tab))
	if got := focused("textContent"); got != "Skip to the table of users" {
		t.Fatalf("the first stop is %q", got)
	}
	visible := `(() => { const r = document.activeElement.getBoundingClientRect(); const s = getComputedStyle(document.activeElement);
		return r.left >= 0 && r.width > 0 && s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2; })()`
	var seen bool
	if b.eval(visible, &seen); !seen {
		t.Error("the focus on the skip link can't be seen")
	}
	b.do(chromedp.KeyEvent(kb.Enter), chromedp.KeyEvent(kb.Tab))
	if got := focused("id"); got != "q" {
		t.Fatalf("behind the skip link is %q", got)
	}
	b.do(chromedp.KeyEvent("fabrikam"))
	b.starts("adele", "alex", "diego", "lynne")
	for range 15 {
		if b.eval(visible, &seen); !seen {
			t.Errorf("the focus on %q can't be seen", focused("outerHTML"))
		}
		if focused("dataset.row") != "undefined" {
			break
		}
		b.do(chromedp.KeyEvent(kb.Tab))
	}
	if got := focused("textContent"); !strings.HasPrefix(got, "adele") {
		t.Fatalf("the first user is %q", got)
	}
	b.do(chromedp.KeyEvent(kb.Enter))
	if got := focused(`getAttribute("aria-expanded")`); got != "true" {
		t.Errorf("it isn't open: %s", got)
	}
	detail := b.text(`document.getElementById("detail").textContent`)
	contains(
		t,
		detail,
		"skip: external_member (fabrikam.example, Member, reported)",
		"Doesn't sync.",
		"reported",
		"Set userType to Guest",
		"Who: ",
		"Effect: sync: guest",
		"May be undone: ",
		"Groups in Atlassiannone",
		"Addressadele.vance@fabrikam.example",
		"community.atlassian.com",
	)
	b.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
	if got := b.text(
		`[...document.querySelectorAll("#rows [aria-expanded=true],#rows [aria-controls]")].map(e => e.textContent.slice(0, 4)).join()`,
	); got != "alex" {
		t.Errorf("open are %q", got)
	}
	contains(t, b.text(`document.getElementById("detail").textContent`), "Not tried for this user. They were for "+
		"adele.vance")
	// On to the user who was tried, by the button in the detail. The links before
	// it are stops, too.
	for range 5 {
		if focused("dataset.go") != "undefined" {
			break
		}
		b.do(chromedp.KeyEvent(kb.Tab))
	}
	b.do(chromedp.KeyEvent(kb.Enter))
	if got := focused("textContent"); !strings.HasPrefix(got, "adele") {
		t.Errorf("the focus is on %q", got)
	}
	b.do(chromedp.KeyEvent(kb.Escape))
	if got := b.text(
		`document.activeElement.textContent + " " + document.activeElement.getAttribute("aria-expanded") + " " + !document.getElementById("detail")`,
	); !strings.HasPrefix(got, "adele") ||
		!strings.HasSuffix(got, "false true") {
		t.Errorf("after Escape: %s", got)
	}
	b.do(chromedp.KeyEvent(kb.End))
	if got := focused("textContent"); !strings.HasPrefix(got, "lynne") {
		t.Errorf("the last user is %q", got)
	}
}

// The user for whom fixes were tried is shown although the filters hide her.
func TestBrowserShowsTheOneTried(t *testing.T) {
	b := open(t, pageOf(t, company(), nil))
	b.search("diego")
	b.do(chromedp.Click("#rows button[data-row]"), chromedp.Click("#detail button[data-go]"))
	b.counts("10 users, 1 to 10 shown")
	contains(t, b.text(`document.getElementById("detail").textContent`), "Set userType to Guest")
	if got := b.text(`document.activeElement.textContent`); !strings.HasPrefix(got, "adele") {
		t.Errorf("the focus is on %q", got)
	}
}

// Whatever a directory holds, the page shows it as text and runs nothing.
func TestBrowserAdversarial(t *testing.T) {
	w := newWorld()
	attacks := []string{
		`<img src=x onerror="window.pwned=1;alert(1)">`,
		`</script><script>window.pwned=1</script>`,
		`"><svg onload=window.pwned=1>`,
		`<!--<script>`,
		`</style><script>window.pwned=1</script>`,
		`javascript:window.pwned=1`,
		`{{.Data}}`,
		`${window.pwned=1}`,
		"\u2028window.pwned=1//",
		`'-(window.pwned=1)-'`,
		"\u202eevil",
		`</title><script>window.pwned=1</script>`,
	}
	for i, s := range attacks {
		g := w.staff
		g.ID, g.DisplayName, g.Members = fmt.Sprintf("g-%d%s", i, s), s, nil
		w.user(userOf(s, fmt.Sprintf("m%d", i)+s+"@company.com", s))
		w.employee(fmt.Sprintf("u%d@x%s", i, s))
		w.domains = append(w.domains, claimOf(s))
		w.group(g)
	}
	b := open(t, pageOf(t, w, func(in *Input) {
		in.Changes, in.TakenAt = changesOf(attacks...), strings.Join(attacks, " ")
	}))
	b.counts("24 users, 1 to 24 shown")
	for i := range 24 {
		b.do(chromedp.Evaluate(fmt.Sprintf(`document.querySelector('#rows button[data-row="%d"]').click()`, i), nil))
	}
	var pwned bool
	if b.eval(`"pwned" in window`, &pwned); pwned {
		t.Error("what a directory holds was run")
	}
	for _, s := range attacks[:2] {
		if !slices.Contains(b.names(), s) {
			t.Errorf("%q isn't shown as it is: %q", s, b.names())
		}
	}
	contains(t, b.text(`document.querySelector("#changes table").textContent`), attacks[:2]...)
	var scripts, images int
	b.eval(`document.scripts.length`, &scripts)
	if b.eval(`document.images.length`, &images); scripts != 2 || images != 0 {
		t.Errorf("%d scripts, %d images", scripts, images)
	}
}

// A page is known as ours; other pages and files aren't.
func TestIsPage(t *testing.T) {
	page, err := reportOf(t, newWorld(), nil).HTML()
	if err != nil {
		t.Fatal(err)
	}
	if err := IsPage(bytes.NewReader(page)); err != nil {
		t.Errorf("our own page: %v", err)
	}
	for _, other := range []string{"", "<!doctype html>", `resource "x" "y" {}`, strings.Repeat(" ", markWithin) + mark} {
		if IsPage(strings.NewReader(other)) == nil {
			t.Errorf("%.40q is taken for a report", other)
		}
	}
}
