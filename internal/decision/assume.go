package decision

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// WarnAssumptions calls warn, with the argument that assumes and a text, for
// each kind of thing that the decisions assume and the readings don't show yet.
func (r *Result) WarnAssumptions(warn func(argument, text string)) {
	w := r.WhatIf
	n := 0
	var example string
	for _, id := range slices.Sorted(maps.Keys(w.UserTypes)) {
		if i := r.Directory.UserByID(id); i >= 0 && r.Directory.Users[i].UserType != w.UserTypes[id] {
			if n++; n == 1 {
				example = id + " is " + atlassian.ShownType(
					r.Directory.Users[i].UserType,
				) + ", assumed " + w.UserTypes[id]
			}
		}
	}
	if n > 0 {
		warn("what_if", fmt.Sprintf("It assumes another userType for %s than the reading shows (for one, "+
			"%s).", text.Plural(n, "user"), example))
	}
	var domains []string
	for _, d := range w.VerifiedDomains {
		if !claimed(r, d, func(c directory.Claim) bool { return c.Status == directory.ClaimVerified }) {
			domains = append(domains, d)
		}
	}
	if len(domains) > 0 {
		warn("what_if", "It assumes verified domains that the organization doesn't list as "+
			"verified: "+strings.Join(domains, ", ")+".")
	}
	members := 0
	for group, users := range w.Members {
		g := r.Directory.GroupByID(group)
		if g < 0 {
			continue
		}
		for _, id := range users {
			if _, in := slices.BinarySearch(r.Directory.Groups[g].Users, r.Directory.UserByID(id)); !in {
				members++
			}
		}
	}
	if members > 0 {
		warn("what_if", fmt.Sprintf("It assumes %s that the reading doesn't show.", text.Plural(members, "membership")))
	}
	if n := r.newAssignments(); n > 0 {
		warn("what_if", fmt.Sprintf("It assumes %s to the application that the reading doesn't show.",
			text.Plural(n, "assignment")))
	}
	var chosen []string
	for _, d := range r.org.SyncVerified() {
		if !claimed(r, d, directory.Claim.Counts) {
			chosen = append(chosen, d)
		}
	}
	if len(chosen) > 0 {
		warn("connector_settings", "It assumes that the sync verifies domains (connector_settings.entra_domains) "+
			"that the organization doesn't list as verified: "+strings.Join(chosen, ", ")+".")
	}
}

// newAssignments counts the assumed assignments that the job's reading doesn't have.
func (r *Result) newAssignments() int {
	job, n := r.job(), 0
	for id := range r.WhatIf.Assignments {
		if job == nil || !slices.Contains(job.Assigned, id) {
			n++
		}
	}
	return n
}

func claimed(r *Result, domain string, counts func(directory.Claim) bool) bool {
	c, ok := r.org.Claim(domain)
	return ok && counts(c)
}

// EffectOfLoss says what is expected to happen to the account of a user who
// synced and no longer does, and how sure that is.
//
// account is what they had, code the name of the reason now ("" for out of
// scope), left says that their Entra account is deleted or disabled, and id is
// their object id.
func (r *Result) EffectOfLoss(account Account, code string, left bool, id string) string {
	now := reason.NotInScope
	if c, err := reason.CodeByName(code); err == nil {
		now = c
	}
	i := r.Directory.UserByID(id)
	ignored := now == reason.ScopingFilter && i >= 0 && r.service.sent(r, i).Detail != string(mapping.ScopingFilter)
	text, confidence := r.service.effectOfLoss(account, now, left, ignored)
	return text + " (" + confidence.String() + ")"
}
