package directory

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// deltaWriter writes the objects of one page of a delta round.
type deltaWriter struct {
	call     *deltaCall
	ent      *tenant.Entity
	token    *deltaToken
	renderer *odata.Renderer

	objects, entries int  // written so far, of objects and of members@delta
	more             bool // the round goes on behind this page
}

// full says whether the page has no room for another object.
func (w *deltaWriter) full() bool {
	return w.objects >= w.call.Service.Behavior.DeltaPageSize || w.entries >= w.call.Service.Behavior.DeltaMembers
}

func (w *deltaWriter) wanted(id string) bool {
	return len(w.token.IDs) == 0 || slices.Contains(w.token.IDs, strings.ToLower(id))
}

// tellsMembers says whether members@delta belongs to the answer: by default it does [graph 2].
func (w *deltaWriter) tellsMembers() bool {
	return w.ent.Name == "group" && (w.token.Select == nil || slices.Contains(w.token.Select, "members"))
}

// tellsManager says whether manager@delta belongs to the answer: where it is selected [graph 1.5].
func (w *deltaWriter) tellsManager() bool {
	return w.ent.Name == "user" && slices.Contains(w.token.Select, "manager")
}

// manager writes manager@delta of a user who has one, or whose manager went [graph 1.5, F].
func (w *deltaWriter) manager(ref int32, gone *tenant.Object) {
	if !w.tellsManager() {
		return
	}
	r, m := w.renderer, w.call.Service.Store.Manager(ref, w.call.Tick)
	if m == nil && gone == nil {
		return
	}
	r.Buf = append(r.Buf, `"manager@delta":[`...)
	if m != nil {
		r.Buf = append(r.Buf, `{"@odata.type":"`+m.Entity.ODataType()+`","id":`...)
		r.Buf = append(rawjson.AppendQuoted(r.Buf, m.ID), '}')
	} else {
		r.Buf = append(r.Buf, `{"@odata.type":"`+gone.Entity.ODataType()+`","id":`...)
		r.Buf = append(rawjson.AppendQuoted(r.Buf, gone.ID), `,"@removed":{"reason":"deleted"}}`...)
	}
	r.Buf = append(r.Buf, `],`...)
}

// everything writes a page of the first round.
func (w *deltaWriter) everything() {
	st, t := w.call.Service.Store, w.token
	refs := st.ListingOf(w.ent).Refs
	for ; t.Place < len(refs); t.Place, t.Member = t.Place+1, 0 {
		if refs[t.Place] < 0 {
			continue
		}
		o := st.View(refs[t.Place], w.call.Tick)
		if o == nil || !w.wanted(o.ID) {
			continue
		}
		if w.full() {
			w.more = true
			return
		}
		w.open(o, func(int) bool { return false })
		w.manager(refs[t.Place], nil)
		if done := w.members(o); !done {
			w.more = true
			return
		}
	}
}

// members writes members@delta of a group in the first round, as far as the page has room; false if
// there are more, which the same group on the next page will hold.
func (w *deltaWriter) members(o *tenant.Object) bool {
	defer w.close()
	if !w.tellsMembers() {
		return true
	}
	st, t := w.call.Service.Store, w.token
	var list []memberEntry
	for i := t.Member; i < len(o.Members); i++ {
		if w.entries+len(list) >= w.call.Service.Behavior.DeltaMembers {
			w.writeMembers(list)
			t.Member = i
			return false
		}
		if m := st.Slots[o.Members[i]].Object; m.Life == tenant.Live || m.Life == tenant.Stub {
			list = append(list, memberEntry{m, false})
		}
	}
	w.writeMembers(list)
	return true
}

type memberEntry struct {
	obj     *tenant.Object
	removed bool
}

func (w *deltaWriter) writeMembers(list []memberEntry) {
	if len(list) == 0 { // no members: the annotation is absent
		return
	}
	r := w.renderer
	r.Buf = append(r.Buf, `"members@delta":[`...)
	for i, m := range list {
		if i > 0 {
			r.Buf = append(r.Buf, ',')
		}
		r.Buf = append(r.Buf, `{"@odata.type":"`...)
		r.Buf = append(r.Buf, m.obj.Entity.ODataType()...)
		r.Buf = append(r.Buf, `","id":`...)
		r.Buf = rawjson.AppendQuoted(r.Buf, m.obj.ID)
		if m.removed {
			r.Buf = append(r.Buf, `,"@removed":{"reason":"deleted"}`...)
		}
		r.Buf = append(r.Buf, '}')
	}
	r.Buf = append(r.Buf, `],`...)
	w.entries += len(list)
}

// open starts an object: its id and the selected properties. One that was never set isn't there; one
// that is null is, if it was cleared since [graph 1.5].
func (w *deltaWriter) open(o *tenant.Object, cleared func(int) bool) {
	r := w.renderer
	r.Buf = append(r.Buf, `{"id":`...)
	r.Buf = append(rawjson.AppendQuoted(r.Buf, o.ID), ',')
	for _, i := range r.ColumnsOf(o.Entity) {
		raw := o.Raw(i)
		if i == o.Entity.KeyIndex || raw == "" && !cleared(i) || raw == "null" && !cleared(i) {
			continue
		}
		if raw == "" {
			raw = "null"
		}
		r.Buf = append(r.Buf, o.Entity.Prop(i).Key...)
		r.Buf = append(r.Buf, raw...)
		r.Buf = append(r.Buf, ',')
	}
	w.objects++
}

func (w *deltaWriter) close() {
	r := w.renderer
	if last := len(r.Buf) - 1; r.Buf[last] == ',' {
		r.Buf = r.Buf[:last]
	}
	r.Buf = append(r.Buf, '}', ',')
}

// moved is what happened to one object in a round.
type moved struct {
	ref     int32
	props   map[int]bool
	members []tenant.Change // the last entry of each member; earlier ones have a ref of -1
	last    map[int32]int   // where that is
	object  bool            // more than its membership changed
	manager bool            // the user's manager changed
	left    *tenant.Object  // who was it, where there is none now
}

// collect gathers the log of a round by object, in the order of their first change.
func (w *deltaWriter) collect() []*moved {
	st, t := w.call.Service.Store, w.token
	var out []*moved
	byRef := map[int32]*moved{}
	behavior := w.call.Service.Behavior
	for _, ch := range st.Since(t.Since-min(t.Since, uint64(behavior.DeltaReplays)), t.Until) {
		if st.Slots[ch.Ref].Object.Entity != w.ent {
			continue
		}
		m := byRef[ch.Ref]
		if behavior.DeltaRepeats {
			m = nil
		}
		if m == nil {
			m = &moved{ref: ch.Ref, props: map[int]bool{}, last: map[int32]int{}}
			byRef[ch.Ref] = m
			out = append(out, m)
		}
		if ch.What == tenant.MemberAdded || ch.What == tenant.MemberRemoved {
			if old, ok := m.last[ch.Member]; ok {
				m.members[old].Ref = -1
			}
			m.last[ch.Member] = len(m.members)
			m.members = append(m.members, ch)
			continue
		}
		if ch.What == tenant.ManagerSet || ch.What == tenant.ManagerRemoved {
			m.manager, m.left = true, nil
			if ch.What == tenant.ManagerRemoved {
				m.left = st.Slots[ch.Member].Object
			}
			continue
		}
		m.object = true
		for _, p := range ch.Props {
			m.props[p] = true
		}
	}
	if behavior.DeltaRepeats {
		slices.Reverse(out)
	}
	return out
}

// changes writes a page of a later round.
func (w *deltaWriter) changes() {
	st, t := w.call.Service.Store, w.token
	all := w.collect()
	for ; t.Place < len(all); t.Place, t.Member = t.Place+1, 0 {
		m := all[t.Place]
		o := st.Slots[m.ref].Object
		if !w.wanted(o.ID) || !m.object && !w.tellsMembers() && !(m.manager && w.tellsManager()) {
			continue
		}
		if w.full() {
			w.more = true
			return
		}
		if o.Life != tenant.Live {
			w.gone(o)
			continue
		}
		w.openChanged(o, m)
		if m.manager {
			w.manager(m.ref, m.left)
		}
		if done := w.movedMembers(m); !done {
			w.more = true
			return
		}
	}
}

// openChanged starts a changed object; with Prefer: return=minimal it holds what changed alone.
func (w *deltaWriter) openChanged(o *tenant.Object, m *moved) {
	cleared := func(i int) bool { return m.props[i] }
	if !w.token.Minimal || len(m.props) == 0 && m.object {
		w.open(o, cleared)
		return
	}
	all := w.renderer.Columns[o.Entity]
	w.renderer.Columns[o.Entity] = slices.DeleteFunc(
		slices.Clone(w.renderer.ColumnsOf(o.Entity)), func(i int) bool { return !m.props[i] },
	)
	w.open(o, cleared)
	if all == nil {
		delete(w.renderer.Columns, o.Entity)
	} else {
		w.renderer.Columns[o.Entity] = all
	}
}

func (w *deltaWriter) movedMembers(m *moved) bool {
	defer w.close()
	if !w.tellsMembers() {
		return true
	}
	st, t := w.call.Service.Store, w.token
	var list []memberEntry
	for i := t.Member; i < len(m.members); i++ {
		if w.entries+len(list) >= w.call.Service.Behavior.DeltaMembers {
			w.writeMembers(list)
			t.Member = i
			return false
		}
		ch := m.members[i]
		if ch.Ref < 0 {
			continue
		}
		list = append(list, memberEntry{st.Slots[ch.Member].Object, ch.What == tenant.MemberRemoved})
	}
	w.writeMembers(list)
	return true
}

// gone writes @removed: changed for an object that can be restored, deleted for one that can't.
func (w *deltaWriter) gone(o *tenant.Object) {
	reason := "deleted"
	if o.Life == tenant.SoftDeleted {
		reason = "changed"
	}
	r := w.renderer
	r.Buf = append(r.Buf, `{"id":`...)
	r.Buf = rawjson.AppendQuoted(r.Buf, o.ID)
	r.Buf = append(r.Buf, `,"@removed":{"reason":"`+reason+`"}},`...)
	w.objects++
}
