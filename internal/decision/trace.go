package decision

import (
	"fmt"

	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Step is one rule that was looked at.
type Step struct {
	Rule string
	// Saw is what the rule found.
	Saw string
	// Result is "applies" or "doesn't apply".
	Result     string
	Source     string
	Confidence Confidence
}

// tracer collects the rules that a decision looks at.
type tracer struct{ steps []Step }

func (t *tracer) add(applies bool, rule, saw, source string, c Confidence) {
	result := "doesn't apply"
	if applies {
		result = "applies"
	}
	t.steps = append(t.steps, Step{Rule: rule, Saw: saw, Result: result, Source: source, Confidence: c})
}

func (t *tracer) info(rule, saw, source string, c Confidence) {
	t.steps = append(t.steps, Step{Rule: rule, Saw: saw, Result: "noted", Source: source, Confidence: c})
}

func (t *tracer) scope(r *Result, i int32) {
	s := r.scope
	saw := "in none of the groups in scope"
	switch b, blocked := s.blocked[i]; {
	case blocked:
		saw = fmt.Sprintf("only in %s, which doesn't sync (%s)", r.groupShown(b.group), b.code)
	case s.everyone:
		saw = "everyone is in scope"
	case s.users[i]&inDirect != 0:
		saw = "a direct member of a selected group"
	case s.in(i):
		saw = "in a group inside a selected group"
	case s.incomplete:
		saw = "in no group that can be read; the members of " + r.hiddenGroup() + " can't be"
	}
	if s.in(i) && s.users[i]&(inDynamic|inStatic) == inDynamic {
		saw += ", only by a dynamic group whose rule reads userType"
	}
	t.add(!s.in(i), "out of scope", saw, pageSync, Documented)
}

func (t *tracer) address(r *Result, i, domain int32, byUPN bool) {
	saw := "mail, at " + text.Plain(r.domains[domain])
	c := Inferred
	if byUPN {
		saw = "the principal name, at " + text.Plain(r.domains[domain])
		if _, mail := r.mailOf(i); mail < 0 {
			saw += ", since there is no mail"
			c = Documented
		}
	}
	t.info("tested address ("+r.Settings.ConnectorSettings.UserIdentifier+")", saw, pageLimits, c)
}

func (t *tracer) domain(r *Result, domain int32) {
	name := r.domains[domain]
	claim, listed := r.claims[name]
	saw := text.Plain(name) + " isn't listed by the organization"
	assumed := false
	for _, d := range r.WhatIf.VerifiedDomains {
		assumed = assumed || d == name
	}
	switch {
	case assumed:
		saw = text.Plain(name) + " is taken as verified (what_if)"
	case listed:
		saw = fmt.Sprintf("%s has claim status %s (%s)", text.Plain(name), text.Plain(claim.Status), text.Plain(claim.Type))
	}
	if r.entra[name] && !claim.Counts() && !assumed {
		saw += ", but the sync verifies it (entra_domains)"
	}
	t.add(r.state(domain)&domainVerified != 0, "domain verified in the organization", saw, pageSync, Documented)
}

// Explanation is everything that is known of one user's decision.
type Explanation struct {
	UserID     string
	Decision   Decision
	Text       string
	Sentence   string
	Confidence Confidence
	Groups     []string
	Trace      []Step
	Fixes      []Fix
}

// Explain explains one user: the decision, the rules looked at, the groups,
// and, for a user who doesn't sync, fixes that were tried.
func (r *Result) Explain(i int32) Explanation {
	t := &tracer{}
	r.connector.decide(r, i, t)
	d := r.Decisions[i]
	if d.Code == CodeDuplicateAddress {
		t.add(true, "address shared", text.Plural(r.shared[i], "user")+" would sync to this address", pageConflict409, r.connector.duplicates())
	}
	for _, w := range WarningCodes {
		if d.Warnings&w.Warning != 0 {
			t.info("warning "+w.Name, w.Description, w.Source, w.Confidence)
		}
	}
	e := Explanation{
		UserID: r.Directory.Users[i].ID, Decision: d, Text: r.Text(i), Confidence: d.Confidence,
		Groups: r.GroupsOf(i), Trace: t.steps,
	}
	e.Sentence = r.sentence(i)
	e.Fixes = r.Fixes(i)
	return e
}

// sentence is the decision in words.
func (r *Result) sentence(i int32) string {
	d := r.Decisions[i]
	info := d.Code.Info()
	s := [...]string{"Doesn't sync", "Syncs", "Unknown whether this user syncs"}[info.Verdict] + ". " + info.Description
	if d.domain >= 0 && showsDomain(d.Code) {
		s += " The domain is " + text.Plain(r.domains[d.domain]) + "."
	}
	if d.Account != NoAccount && info.Verdict == Sync {
		s += " The Atlassian account is " + d.Account.String()
		if d.Account == Managed {
			s += " once the organization has claimed it."
		} else {
			s += "."
		}
	}
	if d.Confidence != Documented {
		s += " This rule is " + d.Confidence.String() + ", not documented (" + info.Source + ")."
	}
	return s
}
