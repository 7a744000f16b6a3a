package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func (d *demo) firstPlan() error {
	chapter("Who will sync")
	if _, err := d.command(d.live, 0, "", "init", "-input=false"); err != nil {
		return err
	}
	r, err := d.command(d.live, 2, "plan.txt", "plan", "-input=false", "-detailed-exitcode", "-out=today.tfplan")
	if err != nil {
		return err
	}
	show(r.Output, "decisions", "summary  ")
	say("\nThe colleagues of fabrikam.example came by cross-tenant synchronization: userType Member, a domain that " +
		"this")
	say("organization hasn't verified. The nested-groups sync skips them, and with them their groups. \"reported\" " +
		"says that")
	say(
		"this rule is known from reports, not documentation. The plan read the tenant once: %s.",
		requests(d.server.Requests()),
	)
	return nil
}

func requests(c simulator.Counts) string {
	graph := 0
	for route, n := range c.Routes {
		if strings.Contains(route, "/v1.0/") {
			graph += n
		}
	}
	return fmt.Sprintf("%d requests to Graph", graph)
}

func (d *demo) accept() error {
	chapter("Accept it")
	r, err := d.command(d.live, 0, "", "apply", "-input=false", "today.tfplan")
	if err != nil {
		return err
	}
	show(r.Output, "Apply complete")
	r, err = d.command(d.live, 0, "", "plan", "-input=false", "-detailed-exitcode")
	if err != nil {
		return err
	}
	show(r.Output, "No changes.")
	say("\nExit code 0: what was accepted still holds. Applying wrote nothing to Entra or Atlassian.")
	return nil
}

func (d *demo) drift() error {
	chapter("Somebody changes the tenant")
	say("In the portal, an administrator turns the guest Lynne Robbins back into a Member, and Clara Jensen joins " +
		"Sales.")
	if _, err := d.server.PutUser(
		[]byte(
			`{"userPrincipalName":"lynne.robbins_fabrikam.example#EXT#@company.onmicrosoft.com","userType":"Member"}`,
		),
	); err != nil {
		return err
	}
	if err := d.server.AddMember("0b6df0a7-7f96-44b7-ac57-23890162878b", "clara.jensen@company.com"); err != nil {
		return err
	}
	r, err := d.command(d.live, 2, "drift.txt", "plan", "-input=false", "-detailed-exitcode")
	if err != nil {
		return err
	}
	show(r.Output, "severity ", "decisions", "groups ", "Warning:")
	say("\nExit code 2, and the cause is drift: it has already happened. A pipeline reads severity: a hire alone is")
	say("\"auto\"; that somebody loses access is \"review\".")
	return nil
}

// acceptQuietly accepts today's outcome.
func (d *demo) acceptQuietly() error { return d.quietly(d.live, initialize, apply) }

func (d *demo) explain() error {
	chapter("Why, and what would help")
	say("One user explained, by the function explain in examples/demo/main.tf:")
	r, err := d.command(d.live, 0, "", "output", "-json", "why")
	if err != nil {
		return err
	}
	var why struct {
		Decision    string `json:"decision"`
		Explanation string `json:"explanation"`
		Trace       []struct {
			Rule, Observed, Confidence string
			Applies                    *bool
		}
		Fixes []struct {
			Change, Who, Effect string
			Caveats             string `json:"caveats"`
		}
	}
	if err := json.Unmarshal([]byte(r.Stdout), &why); err != nil {
		return fmt.Errorf("reading the explanation: %w", err)
	}
	say("\n  adele.vance@fabrikam.example\n  %s", why.Decision)
	wrap("  ", why.Explanation)
	say("\n  Rules looked at:")
	for _, s := range why.Trace {
		say("    %-36s %-14s %s (%s)", s.Rule, applies(s.Applies), s.Observed, s.Confidence)
	}
	say("\n  Fixes, each tried by deciding again:")
	for i, f := range why.Fixes {
		say("    %d. %s", i+1, f.Change)
		wrap("       Who: ", f.Who+".")
		wrap("       Effect: ", f.Effect)
		wrap("       May be undone: ", f.Caveats)
	}
	return nil
}

// applies says of a rule whether it applies to the user; nil is a note.
func applies(yes *bool) string {
	switch {
	case yes == nil:
		return ""
	case *yes:
		return "applies"
	}
	return "doesn't apply"
}
