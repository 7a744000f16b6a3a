package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's parts
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"plural": text.Plural, "number": number, "sources": sources,
}).Parse(pageHTML))

// policy allows the page's own script and style sheet by their hashes, and
// nothing else.
var policy = "default-src 'none'; script-src " + hashOf(
	pageJS,
) + "; style-src " + hashOf(
	pageCSS,
) + "; base-uri 'none'; form-action 'none'"

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// mark is the line by which a page is known as ours.
const mark = `<meta name="generator" content="terraform-provider-usersync">`

// markWithin is how far from its beginning a page bears the mark.
const markWithin = 512

// IsPage says why a file isn't a page of this package, and so not one to
// replace; nil for one that is.
func IsPage(content io.Reader) error {
	head := make([]byte, markWithin)
	n, err := io.ReadFull(content, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if !bytes.Contains(head[:n], []byte(mark)) {
		return errors.New("it isn't a report of this provider")
	}
	return nil
}

// Bounds of the page's tables; the table of users has no bound, and what is left
// out of others is counted.
const (
	pageHomes      = 20
	pageDomains    = 1000
	pageGroups     = 2000
	pageMismatches = 2000
)

// pageView is what the template shows.
type pageView struct {
	*Report
	Mark   template.HTML
	Policy string
	Style  template.CSS
	Script template.JS
	Data   template.JS

	// Read is what was passed in, made safe to show.
	Read, Target             string
	Connector, Scope, WhatIf string
	Tenant, TenantID         string
	OrgName, OrgID           string
	// Todo, Health and Problems are what stands first; Meant are who is meant not to
	// sync, and Problems those of whom something is to be done.
	Todo            []todo
	Health          healthView
	Meant, Problems int
	// Changes are what was passed in, made safe to show.
	Changes        *outcome.ChangeList
	MoreChanges    int
	Verdicts       []bar
	Reasons        []reasonView
	Homes          []homeView
	Domains        []domainView
	MoreDomains    int
	Groups         []groupView
	MoreGroups     int
	SituationsLeft int
	Actual         *actualView
}

// bar is a part of a chart, of a thousand.
type bar struct {
	Kind, Label string
	Users       int
	X, Width    int
}

// reasonView is a row of the reasons; code is the position in the data.
type reasonView struct {
	reasonCount
	Verdict, Confidence string
	Bars                []bar
}

type homeView struct {
	Label string
	Users int
	Bars  []bar
	By    byVerdict
}

// OfAtlassian reports whether the target is an Atlassian organization.
func (v pageView) OfAtlassian() bool { return decision.OfAtlassian(v.Connector) }

// HTML is the page.
func (r *Report) HTML() ([]byte, error) {
	v := pageView{Report: r, Mark: mark, Policy: policy, Style: template.CSS(pageCSS), Script: template.JS(pageJS)}
	s := r.Result.Settings
	v.Connector, v.Scope, v.WhatIf = s.Connector, r.scopeText(), decision.AssumedLine(s.WhatIf)
	v.Read, v.Target = text.Plain(r.TakenAt), r.target()
	v.names()
	v.Verdicts = bars(byVerdict{
		decision.Skip: v.Problems, decision.Sync: r.Summary.Synced, decision.Unknown: r.Summary.Unknown,
		meantFor: v.Meant,
	}, r.Summary.Users)
	for _, x := range r.reasons() {
		v.Reasons = append(
			v.Reasons,
			reasonView{
				x,
				x.Verdict.String(),
				x.Confidence.String(),
				bars(x.by(), r.Summary.Users),
			},
		)
	}
	most := 0
	for _, f := range largest(r.flows, pageHomes) {
		most = max(most, f.users)
		v.Homes = append(v.Homes, homeView{Label: f.label(), Users: f.users, By: f.verdicts})
	}
	for i := range v.Homes {
		v.Homes[i].Bars = bars(v.Homes[i].By, most)
	}
	if s.Connector != decision.SCIMApplication { // which knows no domains
		v.domains()
	}
	v.Groups = r.groups()
	if n := len(v.Groups); n > pageGroups {
		v.Groups, v.MoreGroups = v.Groups[:pageGroups], n-pageGroups
	}
	v.Actual = r.actual()
	// Fixes last: to try one may make the engine know more domains.
	data, err := r.data()
	if err != nil {
		return nil, err
	}
	v.Todo, v.Health = r.todos(), r.health()
	v.Data, v.SituationsLeft = template.JS(data), r.found-r.Tried
	var b bytes.Buffer
	err = pageTemplate.Execute(&b, v)
	return b.Bytes(), err
}

// names fills what things are called, and who needs nothing done.
func (v *pageView) names() {
	v.Tenant, v.TenantID = v.tenantName(), text.Plain(v.Result.Directory.TenantID)
	if v.OfAtlassian() {
		v.OrgName, v.OrgID = text.Plain(v.Report.Organization), text.Plain(v.Result.Organization.ID)
	}
	v.Meant = v.notMeant()
	v.Problems = v.Summary.Skipped - v.Meant
	if c := v.Report.Changes; c != nil {
		v.Changes, v.MoreChanges = plainChanges(c), c.Total-len(c.Changes)
	}
}

// plainChanges are changes as a person may see them.
func plainChanges(c *outcome.ChangeList) *outcome.ChangeList {
	out := &outcome.ChangeList{Severity: text.Plain(c.Severity), Total: c.Total}
	for _, x := range c.Changes {
		out.Changes = append(out.Changes, outcome.ListedChange{
			Who: text.Plain(x.Who), Kind: text.Plain(x.Kind), Cause: text.Plain(x.Cause),
			Before: text.Plain(x.Before), After: text.Plain(x.After),
		})
	}
	for _, s := range c.Violations {
		out.Violations = append(out.Violations, text.Plain(s))
	}
	return out
}

// verdictOf names the verdicts in charts.
var verdictOf = [...]struct{ kind, label string }{
	decision.Skip:    {"skip", "don't sync"},
	decision.Sync:    {"sync", "sync"},
	decision.Unknown: {"unknown", "unknown"},
	meantFor:         {"meant", "aren't meant to"},
}

// by are a reason's users by verdict.
func (c reasonCount) by() (by byVerdict) {
	by[c.Verdict], by[meantFor] = c.Users-c.NotMeant, c.NotMeant
	return by
}

// bars put the verdicts side by side, of a thousand that stand for whole.
func bars(by byVerdict, whole int) []bar {
	var out []bar
	x := 0
	for _, v := range []int{int(decision.Sync), int(decision.Skip), int(decision.Unknown), meantFor} {
		if by[v] == 0 {
			continue
		}
		w := thousandths(by[v], whole)
		out = append(out, bar{verdictOf[v].kind, verdictOf[v].label, by[v], x, w})
		x += w
	}
	return out
}

// thousandths is a share of a thousand; of what is there, at least 2, so that it
// is seen.
func thousandths(n, whole int) int {
	if whole == 0 || n == 0 {
		return 0
	}
	return max(2, n*1000/whole)
}

// source is a part of a text of ours that names where a rule is described.
type source struct{ Address, Host string }

// sources are the addresses in such a text.
func sources(text string) (out []source) {
	for _, part := range strings.Fields(text) {
		if rest, ok := strings.CutPrefix(part, "https://"); ok {
			host, _, _ := strings.Cut(rest, "/")
			out = append(out, source{part, host})
		}
	}
	return out
}
