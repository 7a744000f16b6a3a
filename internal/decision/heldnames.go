package decision

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// ruleNameFree is the rule that a name is nobody else's at the target.
const ruleNameFree = "userName free"

// holder is somebody whose record has a name, or may have.
type holder struct {
	id, name string
	// sure says that it has it when the service comes to others, freed that others may
	// have the name: unless the service looks for them by it, and may find a record that is
	// another's. findable says that who is sent the name is taken for the holder, since
	// the service has forgotten whose the record is.
	sure, freed, findable bool
}

// heldNames are the names that records have from before and that their users aren't sent
// now, by what names have in common that are one at the target.
type heldNames struct {
	r  *Result
	by map[string][]holder
}

// nameOne is what one name has in common with others, "" for none. A pseudonym is nobody's.
func (r *Result) nameOne(name string) string {
	if strings.HasPrefix(name, "\x00") {
		return ""
	}
	return strings.ToLower(r.Engine.target.nameKey(name))
}

func (t *heldNames) add(h holder) {
	key := t.r.nameOne(h.name)
	if key == "" {
		return
	}
	if t.by == nil {
		t.by = map[string][]holder{}
	}
	t.by[key] = append(t.by[key], h)
}

// findHeldNames finds who would come by a name that another user's record has from before:
// they left, or were renamed since. As far as it isn't known whether the name is free when
// the service comes to them, neither is their decision.
func (r *Result) findHeldNames() {
	if !r.Engine.target.keepsNames() || r.Engine.history.User == nil {
		return
	}
	t := heldNames{r: r}
	t.collect()
	if len(t.by) == 0 {
		return
	}
	for i := range r.Decisions {
		switch {
		case r.Decisions[i].Code.Verdict() == Sync:
			t.decide(int32(i))
		case r.Decisions[i].Code.Verdict() == Skip && r.mapped.Of(int32(i)).Rule >= 0:
			t.found(int32(i))
		}
	}
}

// found marks who would be refused as new, but for whom the service may find the record of
// somebody who left: of a record that is there, less is asked.
func (t *heldNames) found(i int32) {
	r := t.r
	u := r.mapped.Of(i)
	if !r.jobOf().Capabilities().ByUserName {
		return
	}
	for _, h := range t.by[r.nameOne(u.UserName)] {
		if h.findable && h.id != r.Directory.Users[i].ID && strings.EqualFold(h.name, u.UserName) {
			d := &r.Decisions[i]
			d.Code, d.Confidence, d.Action = reason.NameUnknown, Inferred, reason.ActionNone
			t.share(i, []string{h.id})
			return
		}
	}
}

// share keeps whose records have, or may have, a user's name.
func (t *heldNames) share(i int32, ids []string) {
	if t.r.heldNames == nil {
		t.r.heldNames = map[int32][]string{}
	}
	slices.Sort(ids)
	t.r.heldNames[i] = slices.Compact(ids)
}

// collect goes over all whose record may be there.
func (t *heldNames) collect() {
	r, h := t.r, &t.r.Engine.history
	h.Each(func(id string, b *held.Basis) bool {
		if i := r.Directory.UserByID(id); i >= 0 {
			t.collectUser(i, b)
		} else if b.Present() && !(b.Inactive && r.Engine.target.freesName()) {
			t.add(holder{id: id, name: b.Address}) // deleted: disabled now, and gone in a month
		}
		return true
	})
	for i := range h.Records {
		rec := &h.Records[i]
		for _, name := range rec.Names {
			t.add(holder{id: rec.ID, name: name})
		}
		b := &rec.Basis
		at := r.Directory.UserByID(rec.ID)
		if at >= 0 && !b.Present() && len(rec.Names) > 0 && r.Decisions[at].Code.Verdict() != Sync {
			if name, _ := r.mapped.NameOf(at); name != "" {
				t.add(holder{id: rec.ID, name: name}) // if there is a record, and the name goes along with a disable
			}
		}
		switch {
		case !b.Present():
		case at >= 0 && r.InScope(at):
			t.collectUser(at, b)
		default:
			t.add(holder{
				id:       rec.ID,
				name:     b.Address,
				sure:     at >= 0 && b.Left && len(rec.Names) == 0,
				freed:    b.Inactive && r.Engine.target.freesName(),
				findable: b.Left,
			})
		}
	}
}

// collectUser looks at the record of a user whom the directory has.
func (t *heldNames) collectUser(i int32, b *held.Basis) {
	if !b.Present() {
		return
	}
	r, c := t.r, t.r.jobOf().Capabilities()
	name, known := r.mapped.NameOf(i)
	d, u := r.Decisions[i], r.mapped.Of(i)
	same := known && r.nameOne(name) == r.nameOne(b.Address)
	rec := r.Engine.history.Record(r.Directory.Users[i].ID)
	h := holder{id: r.Directory.Users[i].ID, name: b.Address}
	frees := r.Engine.target.freesName()
	leaves := c.Disables && (u.Deprovisions(d.Code) || d.Code == reason.NotInScope)
	switch {
	case d.Code.Verdict() == Sync && same && d.Warnings&reason.RestartNeeded == 0:
		return // it is theirs, and compared with what others are sent
	case b.Inactive && frees && d.Code.Verdict() != Sync:
		h.freed = true
	case d.Code.Verdict() == Sync:
		h.sure = !c.Updates || d.Warnings&reason.UpdateRefused != 0
	case leaves && frees:
	case b.Inactive, !c.Updates:
		h.sure = true
	default:
		h.sure = same
	}
	h.sure = h.sure && (rec == nil || len(rec.Names) == 0)
	h.findable = b.Left
	t.add(h)
	if d.Code.Verdict() != Sync && !same && (c.Updates || b.Address == "") && !b.Left {
		t.add(holder{id: h.id, name: name}) // what goes along with a disable
	}
}

// wants reports that somebody else would come by a name, too.
func (t *heldNames) wants(id, key string) bool {
	r := t.r
	at := r.Directory.UserByID(id)
	return at >= 0 && r.nameOne(r.mapped.Of(at).UserName) == key &&
		(r.Decisions[at].Code.Verdict() == Sync || len(r.heldNames[at]) > 0)
}

// decide decides again somebody who would come by a name that is held.
func (t *heldNames) decide(i int32) {
	r := t.r
	u := r.mapped.Of(i)
	key, id := r.nameOne(u.UserName), r.Directory.Users[i].ID
	if key == "" || t.by[key] == nil {
		return
	}
	b := r.Engine.history.User(id)
	if b.Present() && r.nameOne(b.Address) == key {
		return // it is their own
	}
	var ids []string
	sure := false
	c := r.jobOf().Capabilities()
	for _, h := range t.by[key] {
		switch {
		case h.id == id, h.freed && (h.findable || !c.ByUserName || !strings.EqualFold(h.name, u.UserName)):
			continue
		case !h.sure && r.service.sharesNames() && t.wants(h.id, key):
			continue // they share the name: that is said of both
		case h.findable && h.sure && c.ByUserName && strings.EqualFold(h.name, u.UserName) && !b.Present():
			continue // they get the record, whosever it was
		}
		ids = append(ids, h.id)
		sure = sure || h.sure
	}
	if len(ids) == 0 {
		return
	}
	t.share(i, ids)
	d := &r.Decisions[i]
	d.Confidence = reason.Weakest(d.Confidence, Inferred)
	switch {
	case b.Present() && sure:
		d.Warnings |= reason.UpdateRefused
		d.Action = reason.ActionFail
	case b.Present(): // they stay, by the one name or the other
	case sure:
		d.Code, d.Action = reason.AddressTaken, reason.ActionFail
	default:
		d.Code, d.Action = reason.NameUnknown, reason.ActionNone
	}
}

// holders names those whose records have, or may have, a user's name; by object id with
// ids.
func (r *Result) holders(i int32, ids bool) string {
	var names []string
	for _, id := range r.heldNames[i] {
		if at := r.Directory.UserByID(id); at >= 0 {
			id = r.shownUser(at, ids)
		}
		if len(names) < maxSharing {
			names = append(names, text.Plain(id))
		}
	}
	s := strings.Join(names, ", ")
	if more := len(r.heldNames[i]) - len(names); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// heldSentence says why a name isn't to be had, or may not be. It names nobody.
func (r *Result) heldSentence(i int32) string {
	if r.Decisions[i].Code == reason.NameUnknown {
		return "As accepted last, another user's record has this userName from before, or may have. Whether it is " +
			"free when the service comes to this user isn't known; one userName is one user (409)."
	}
	return "As accepted last, another user's record has this userName from before, and one userName is one user (409)."
}

// Records are what the target may hold once this is accepted, beside what is expected of
// the users in scope: of the result without what-if. rows has what is expected of those.
func (r *Result) Records(rows func(id string) *Basis) []held.Record {
	if !r.Engine.target.keepsNames() {
		return nil
	}
	h, out, settled := &r.Engine.history, map[string]held.Record{}, map[string]string{}
	for i := range r.Decisions {
		id := r.Directory.Users[i].ID
		var before *Basis
		var names []string
		if h.User != nil {
			before = r.before(id)
			if rec := h.Record(id); rec != nil {
				names = rec.Names
			}
		}
		row := rows(id)
		switch {
		case row != nil:
			if names = r.namesAfter(int32(i), names, before, row); len(names) > 0 {
				out[id] = held.Record{ID: id, Names: names}
			} else if row.Present() {
				settled[r.nameOne(row.Address)] = id
			}
		case before.Present() || before != nil && len(names) > 0:
			if name, _ := r.mapped.NameOf(int32(i)); !before.Left && r.nameOne(name) != r.nameOne(before.Address) {
				names = append(slices.Clone(names), name) // what goes along with the disable
			}
			out[id] = held.Record{ID: id, Basis: r.Expect(int32(i)), Names: names}
		}
	}
	if h.User != nil {
		r.recordsOfGone(rows, out)
	}
	return r.without(out, settled)
}

// before is what the history expects of a user, in scope then or not; nil for nothing.
func (r *Result) before(id string) *Basis {
	h := &r.Engine.history
	if b := h.User(id); b != nil {
		return b
	}
	if rec := h.Record(id); rec != nil {
		return &rec.Basis
	}
	return nil
}

// recordsOfGone keeps what is held of those whom the directory doesn't have any more.
func (r *Result) recordsOfGone(rows func(id string) *Basis, out map[string]held.Record) {
	h := &r.Engine.history
	disables := r.jobOf().Capabilities().Disables
	h.Each(func(id string, b *Basis) bool {
		if b.Present() && rows(id) == nil && r.Directory.UserByID(id) < 0 {
			gone := *b
			gone.Left, gone.Inactive = true, b.Inactive || disables
			out[id] = held.Record{ID: id, Basis: gone}
		}
		return true
	})
	for _, rec := range h.Records {
		if r.Directory.UserByID(rec.ID) < 0 && rows(rec.ID) == nil {
			if rec.Basis == (Basis{}) {
				rec.Basis = out[rec.ID].Basis
			}
			out[rec.ID] = rec
		}
	}
}

// without leaves out names that are surely another's by now: a name is one record's.
func (r *Result) without(all map[string]held.Record, settled map[string]string) []held.Record {
	var out []held.Record
	for _, id := range slices.Sorted(maps.Keys(all)) {
		rec := all[id]
		others := func(name string) bool {
			owner, found := settled[cmp.Or(r.nameOne(name), "\x00")]
			return found && owner != id
		}
		rec.Names = slices.DeleteFunc(slices.Clone(rec.Names), others)
		if rec.Basis.Present() && others(rec.Basis.Address) {
			rec.Basis = Basis{}
		}
		if rec.Basis != (Basis{}) || len(rec.Names) > 0 {
			out = append(out, rec)
		}
	}
	return out
}

// namesAfter are the names that the record of a user in scope may have after the next run,
// beside the one that is expected; names are those that it may have now.
func (r *Result) namesAfter(i int32, names []string, before, after *Basis) []string {
	if !r.service.health(r.WhatIf.Running).Runs() {
		return names
	}
	d, u := r.Decisions[i], r.mapped.Of(i)
	syncs := d.Code.Verdict() == Sync
	unsure := syncs && len(r.heldNames[i]) > 0
	if syncs && !unsure && d.Warnings&reason.UpdateRefused == 0 && (before.Present() || len(names) == 0) {
		return nil
	}
	add := func(name string) {
		key := r.nameOne(name)
		if key != "" && !slices.ContainsFunc(names, func(n string) bool { return r.nameOne(n) == key }) {
			names = append(slices.Clone(names), name)
		}
	}
	if before.Present() {
		add(before.Address)
	}
	switch {
	case d.Code.Verdict() == Unknown, d.Code == reason.DuplicateAddress, unsure:
		add(u.UserName)
	case !syncs && before.Present() && !before.Left:
		name, _ := r.mapped.NameOf(i)
		add(name)
	}
	key := r.nameOne(after.Address)
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		return after.Present() && r.nameOne(n) == key
	})
}
