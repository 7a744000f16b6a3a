package decision

import (
	"cmp"
	"maps"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
)

// Records are what the target may hold once this is accepted, beside what is expected of
// the users in scope: of the result without what-if. rows has what is expected of those.
func (r *Result) Records(rows func(id string) *Basis) []held.Record {
	return r.Engine.target.records(r, rows)
}

// nameRecords are the records of a target that keeps names.
func (r *Result) nameRecords(rows func(id string) *Basis) []held.Record {
	h, out, settled := &r.Engine.history, map[string]held.Record{}, map[string]string{}
	for i := range r.Decisions {
		id := r.Directory.Users[i].ID
		var before *Basis
		var names []string
		if h.User != nil {
			before = h.Of(id)
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
	settled := r.jobOf().Capabilities().Updates && d.Warnings&reason.UpdateRefused == 0 && before.Present()
	if syncs && !unsure && (settled || len(names) == 0) {
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
	case !syncs && (before.Present() || before != nil && len(names) > 0) && !before.Left:
		name, _ := r.mapped.NameOf(i)
		add(name)
	}
	key := r.nameOne(after.Address)
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		return after.Present() && r.nameOne(n) == key
	})
}
