package report

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// application reports of AWS IAM Identity Center, which takes nobody without a family name.
func application(t testing.TB) *Report {
	t.Helper()
	w := directorytest.SCIM(t, "")
	w.Jobs[0].DisplayName = "AWS IAM Identity Center"
	w.User(directorytest.Employee("ann@company.com"), "Staff")
	w.User(directorytest.Employee("gone@company.com"), "Staff")
	w.Named("gone").AccountEnabled = directory.False
	w.User(directorytest.External("tim@fabrikam.com", decision.TypeMember), "Staff")
	d := w.Directory()
	l := directory.NewLookup(d)
	q := decision.Request{Connector: decision.SCIMApplication, Application: "aws_iam_identity_center"}
	s, _, err := q.Resolve(l, d)
	if err != nil {
		t.Fatal(err)
	}
	e, err := decision.NewEngine(d, l, &directory.Organization{}, s)
	if err != nil {
		t.Fatal(err)
	}
	return New(Input{Result: e.Decide(), MaxFixes: 10})
}

// A report of an application says nothing of Atlassian, and has no domains: it knows none.
func TestApplication(t *testing.T) {
	r := application(t)
	page, err := r.HTML()
	if err != nil {
		t.Fatal(err)
	}
	body, _, _ := strings.Cut(string(page), "<script")
	for what, text := range map[string]string{"page": body, "Markdown": r.Markdown()} {
		contains(t, text, "AWS IAM Identity Center")
		for _, of := range []string{"Atlassian", "#domains", "managed, external"} {
			if strings.Contains(text, of) {
				at := strings.Index(text, of)
				t.Errorf("the %s says %q: %s", what, of, text[max(0, at-200):min(len(text), at+100)])
			}
		}
	}
	b := open(t, page)
	b.shot("application")
	b.do(chromedp.EmulateViewport(390, 740))
	b.shot("application-narrow")
}

// Who isn't meant to sync is drawn apart, by home domain and reason, too.
func TestNotMeant(t *testing.T) {
	w := company()
	w.employee("scanner@legacy.company.com")
	id := "u-0000010"
	page := string(pageOf(t, w, func(in *Input) { in.ExpectSkipped = []string{id} }))
	contains(t, page, `<td class="n" data-label="don't sync">1</td><td class="n" data-label="unknown">0</td>`+
		`<td class="n" data-label="not meant to">1</td>`, "<strong>1 of them:</strong> not meant to sync.")
	_, homes, _ := strings.Cut(page, `id="homes-h"`)
	homes, _, _ = strings.Cut(homes, "</section>")
	if n := strings.Count(homes, `<rect class="meant"`); n != 1 {
		t.Errorf("%d bars by home domain are of who isn't meant to sync, want 1", n)
	}
	text := reportOf(t, company(), nil).Markdown()
	contains(t, text, "| sync | don't sync | aren't meant to | unknown | not in scope |")
}
