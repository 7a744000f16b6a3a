package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// withNames is the company with display names, a leaver and somebody who is meant
// not to sync.
func withNames() *world {
	w := company()
	w.b = directory.NewBuilder([]string{"displayName"})
	w.b.AddDomain(directory.Domain{Name: "company.com", IsVerified: true, IsDefault: true})
	w.staff.Members, w.n = nil, 0
	w.named("Amara Okafor", directory.User{UserPrincipalName: "amara@company.com", Mail: "amara@company.com"})
	for i := range 3 {
		w.named(fmt.Sprintf("Partner %d", i), directory.User{
			UserPrincipalName: fmt.Sprintf("p%d_fabrikam.example#EXT#@company.com", i),
			Mail:              fmt.Sprintf("p%d@fabrikam.example", i), CreationType: "Invitation",
		})
	}
	w.named("=Scanner", directory.User{UserPrincipalName: "scanner@legacy.company.com"})
	return w
}

// named adds a Member with a display name.
func (w *world) named(name string, u directory.User) {
	u.ID, u.UserType, u.AccountEnabled = fmt.Sprintf("n-%d", w.n), decision.TypeMember, directory.True
	w.n++
	w.b.AddUser(u, []string{fmt.Sprintf("%q", name)}, directory.HasUserType|directory.HasAccountEnabled)
	w.staff.Members = append(w.staff.Members, directory.GraphMember{Type: "user", ID: u.ID})
}

// First stand the fixes that help the most people, and nobody counts twice; who
// is meant not to sync is no problem.
func TestTodo(t *testing.T) {
	r := reportOf(t, company(), nil)
	list := r.todos()
	if len(list) == 0 || len(list) > maxTodo || list[0].Change != "Set userType to Guest" || list[0].Users != 3 {
		t.Fatalf("got %+v", list)
	}
	for i := 1; i < len(list); i++ {
		if list[i].Users > list[i-1].Users {
			t.Errorf("the fixes aren't in order: %+v", list)
		}
	}
	contains(t, r.Markdown(), "#### What to do first", "- Set userType to Guest: helps 3 users.")
	page := string(pageOf(t, company(), nil))
	contains(t, page, `helps 3 users`, "Atlassian: yes (verified by dns) · Entra: yes", "Atlassian: no · Entra: no")
	if strings.Contains(page, "not verified, verified in Entra") {
		t.Error("a domain is verified and isn't")
	}
	r = reportOf(t, withNames(), func(in *Input) { in.ExpectSkipped = []string{"n-4"} })
	html, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(html), "or named so</dt><dd>1</dd>", "<bdi>company.com</bdi>")
	d := dataOf(t, html)
	if len(d.Meant) != 1 || d.Names[d.Meant[0]] != "scanner@legacy.company.com" || d.Display[d.Meant[0]] != "=Scanner" {
		t.Errorf("got %v, %v", d.Meant, d.Display)
	}
	for _, x := range r.todos() {
		if x.Example == "scanner@legacy.company.com" {
			t.Error("a fix is sought for somebody who is meant not to sync")
		}
	}
}

// Display names stand beside addresses, the filters in the address; a group has
// its members, and what is shown can be saved.
func TestBrowserShares(t *testing.T) {
	b := open(t, pageOf(t, withNames(), func(in *Input) { in.ExpectSkipped = []string{"n-4"} }))
	contains(
		t,
		b.text(`document.getElementById("rows").textContent`),
		"Partner 0",
		"p0@fabrikam.example",
		"Amara Okafor",
	)
	b.search("partner")
	b.counts("3 users of 5, 1 to 3 shown")
	b.choose("code", "external_member")
	if got := b.text(`location.hash`); got != "#?q=partner&code=external_member" {
		t.Errorf("the address ends in %s", got)
	}
	b.do(chromedp.Click("#reset"))
	b.counts("5 users, 1 to 5 shown")
	b.awaits(
		`new Promise((done) => { addEventListener("hashchange", done); location.hash = "#?verdict=skip&domain=fabrikam.example"; })`,
	)
	b.counts("3 users of 5, 1 to 3 shown")
	b.do(chromedp.Click("#reset"), chromedp.Click(`button[data-group]`))
	b.starts("amara")
	if got := b.text(`location.hash`); got != "#?group=Staff" {
		t.Errorf("the address ends in %s", got)
	}
	b.do(chromedp.Click("#reset"), chromedp.Evaluate(
		`URL.createObjectURL = (x) => { window.saved = x; return "#"; }; HTMLAnchorElement.prototype.click = () => {};`,
		nil,
	),
		chromedp.Click("#csv"))
	b.awaits(`saved.text().then((t) => { window.savedText = t; })`)
	contains(
		t,
		b.text(`window.savedText`),
		"user,display_name,address,id,verdict,code,decision,home_domain,user_type,groups\r\n",
		"amara@company.com,Amara Okafor,amara@company.com,n-0,sync,domain_verified,",
		"scanner@legacy.company.com,'=Scanner,",
	)
	if got := b.text(
		`document.querySelector("#rows .badge.meant").closest("tr").textContent`,
	); !strings.Contains(
		got,
		"scanner",
	) {
		t.Errorf("meant not to sync is %s", got)
	}
}

// awaits waits for a promise of the page's.
func (b *tab) awaits(promise string) {
	b.Helper()
	b.do(chromedp.Evaluate(promise+".then(() => 1)", nil, func(p *runtime.EvaluateParams) *runtime.EvaluateParams {
		return p.WithAwaitPromise(true)
	}))
}
