package nestedgroups

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
)

// mirror makes the organization's groups of those that sync: on one level, with the accounts of everyone under
// them [atlassian 1.4, D]. A group of the organization's own with the same name is a conflict, and isn't
// touched before an administrator accepts [atlassian 1.4, D]. One that left the scope loses its members [I].
func (x *run) mirror(groups []int32) {
	byID, byName := map[string]*atlassian.Group{}, map[string]*atlassian.Group{}
	for _, g := range x.org.Groups {
		byID[g.ID] = g
		if byName[strings.ToLower(g.Name)] == nil {
			byName[strings.ToLower(g.Name)] = g
		}
	}
	slices.SortFunc(groups, func(a, b int32) int {
		return strings.Compare(x.store.Slots[a].Object.ID, x.store.Slots[b].Object.ID)
	})
	done := map[string]bool{}
	for _, ref := range groups {
		o := x.store.Slots[ref].Object
		name := o.Text("displayName")
		g, named := byID[x.with.mirrors[o.ID]], byName[strings.ToLower(name)]
		switch accepted := slices.Contains(x.with.settings.Accept, name); {
		case name == "":
			x.skip(o, "the group has no name")
			continue
		case named != nil && named.DefaultAccess: // no accepting helps [atlassian 1.4, D]
			x.skip(o, "the organization has a default access group of that name")
			continue
		case named != nil && named != g && (done[named.ID] || !named.ExternalSynced && !accepted):
			x.skip(o, "the organization has another group of that name")
			continue
		case g == nil:
			g = named
		}
		if g == nil {
			g = &atlassian.Group{ID: naming.StableID("group " + x.org.ID + " " + o.ID)}
			x.org.Groups = append(x.org.Groups, g)
		}
		g.Name, g.ExternalSynced, g.ManagedBy, g.Members = name, true, "external", x.accounts(ref)
		byName[strings.ToLower(name)], done[g.ID], x.with.mirrors[o.ID] = g, true, g.ID
		x.report.Groups++
	}
	x.empty(groups, byID)
	slices.SortFunc(x.org.Groups, func(a, b *atlassian.Group) int { return strings.Compare(a.ID, b.ID) })
}

// accounts are those of a group's users whom the run synced.
func (x *run) accounts(group int32) []string {
	out := []string{}
	for _, u := range x.below(group) {
		if id := x.members[u]; id != "" {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// empty takes everyone out of the groups that left the scope. One that is in it and didn't sync, for a conflict
// or its size, stays as it was.
func (x *run) empty(groups []int32, byID map[string]*atlassian.Group) {
	in := map[string]bool{}
	for _, ref := range groups {
		in[x.store.Slots[ref].Object.ID] = true
	}
	for _, s := range x.report.Skipped {
		in[s.ID] = true
	}
	for object, id := range x.with.mirrors {
		if g := byID[id]; g != nil && !in[object] {
			g.Members = []string{}
		}
	}
}

// leavers are users who were synced and aren't in scope: they have lost their groups, and keep their account,
// which is deactivated only where Behavior says so [atlassian 1.6], [atlassian row 21, U].
func (x *run) leavers(users []int32) {
	if !x.srv.behavior.NestedDeactivatesLeavers {
		return
	}
	in := map[string]bool{}
	for _, ref := range users {
		in[x.store.Slots[ref].Object.ID] = true
	}
	for user, id := range x.with.accounts {
		if a := x.byID[id]; a != nil && !in[user] && x.taken[id] == "" && a.ClaimStatus == "managed" {
			a.AccountStatus, a.Status = "inactive", "deactivated"
		}
	}
}
