package simulator

import (
	"bufio"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// Snapshot writes the whole state in the snapshot format: objects by id, members by id, properties by
// name, so that equal states give equal text but for taken_at.
func (s *Server) Snapshot(w io.Writer) error {
	s.settleNested()
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	s.organizations.mu.Lock()
	defer s.organizations.mu.Unlock()
	out := &snapshotWriter{w: bufio.NewWriterSize(w, 64<<10), store: s.store, renderer: newRenderer(nil, 4096)}
	out.text(`{"version":1,"taken_at":`, rawjson.Quote(s.clock.Now().Format(time.RFC3339)))
	if s.extra.entra || s.extra.covered == nil {
		out.entra(s)
	}
	if len(s.organizations.keys) > 0 {
		out.text(",\n\"organizations\":{")
		for i, key := range s.organizations.keys {
			out.comma(i)
			out.text(rawjson.Quote(key), ":", string(rawjson.Marshal(s.organizations.byKey[key].snapshot())))
		}
		out.text("}")
	}
	out.text("}\n")
	return out.w.Flush()
}

type snapshotWriter struct {
	w        *bufio.Writer // remembers its first error till Flush
	store    *store
	renderer *renderer
}

func (o *snapshotWriter) text(parts ...string) {
	for _, p := range parts {
		_, _ = o.w.WriteString(p)
	}
}

func (o *snapshotWriter) comma(i int) {
	if i > 0 {
		o.text(",\n")
	}
}

func (o *snapshotWriter) entra(s *Server) {
	o.text(",\n\"entra\":{\"tenant_id\":", rawjson.Quote(s.store.id))
	covered := func(name string, live int) bool {
		return s.extra.covered == nil || s.extra.covered[name] || live > 0
	}
	if covered("domains", len(s.store.domains.keys)) {
		o.list("domains", s.store.domains.all())
	}
	if covered("users", s.store.users.live) {
		o.list("users", o.sorted(s.store.users.refs))
	}
	if covered("groups", s.store.groups.live) {
		o.list("groups", o.sorted(s.store.groups.refs))
	}
	if covered("cross_tenant_partners", len(s.store.partners.keys)) {
		o.list("cross_tenant_partners", s.store.partners.all())
	}
	for _, extra := range []struct {
		name string
		raw  json.RawMessage
	}{{"synchronization", s.syncState.synchronizationPart()}, {"provisioning_logs", s.syncState.logsPart()}} {
		if extra.raw != nil {
			o.text(",\n", rawjson.Quote(extra.name), ":", rawjson.Compact(extra.raw))
		}
	}
	o.text("}")
}

// sorted is the live objects at some references, by id.
func (o *snapshotWriter) sorted(refs []int32) []*object {
	out := make([]*object, 0, len(refs))
	for _, ref := range refs {
		if ref >= 0 && o.store.slots[ref].obj.life == live {
			out = append(out, o.store.slots[ref].obj)
		}
	}
	slices.SortFunc(out, func(a, b *object) int { return strings.Compare(a.id, b.id) })
	return out
}

func (o *snapshotWriter) list(name string, objects []*object) {
	o.text(",\n", rawjson.Quote(name), ":[")
	for i, obj := range objects {
		o.comma(i)
		o.object(obj)
	}
	o.text("]")
}

// object writes what was ever set of an object, by name, with what hangs on it.
func (o *snapshotWriter) object(obj *object) {
	buf := append(o.renderer.buf[:0], `{`...)
	buf = append(buf, obj.ent.prop(obj.ent.keyIndex).key...)
	buf = rawjson.AppendQuoted(buf, obj.id)
	for rest := obj.props; rest != ""; {
		var i int
		var raw string
		i, raw, rest = unpack(rest)
		buf = append(append(append(buf, ','), obj.ent.prop(i).key...), raw...)
	}
	if obj.unreadable {
		buf = append(buf, `,"unreadable":true`...)
	}
	switch obj.ent {
	case o.store.group:
		buf = o.members(buf, obj)
	case o.store.partner:
		if sync := o.store.syncs.get(obj.id); sync != nil {
			r := newRenderer(nil, 256)
			r.object(sync, plain)
			buf = append(append(buf, `,"identitySynchronization":`...), r.buf...)
		}
	}
	o.renderer.buf = append(buf, '}')
	_, _ = o.w.Write(o.renderer.buf)
}

func (o *snapshotWriter) members(buf []byte, group *object) []byte {
	members := make([]*object, 0, len(group.members))
	for _, m := range group.members {
		if obj := o.store.slots[m].obj; obj.life == live || obj.life == stub {
			members = append(members, obj)
		}
	}
	slices.SortFunc(members, func(a, b *object) int { return strings.Compare(a.id, b.id) })
	buf = append(buf, `,"members":[`...)
	for i, m := range members {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(append(append(buf, `{"@odata.type":"`...), m.ent.odataType()...), `","id":`...)
		buf = append(rawjson.AppendQuoted(buf, m.id), '}')
	}
	return append(buf, ']')
}
