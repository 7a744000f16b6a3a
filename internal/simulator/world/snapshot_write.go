package world

import (
	"bufio"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// Snapshot writes the whole state in the snapshot format: objects by id, members by id, properties by
// name, so that equal states give equal text but for taken_at.
func (s *World) Snapshot(w io.Writer) error {
	s.SyncDue()
	s.Store.Mu.RLock()
	defer s.Store.Mu.RUnlock()
	s.Organizations.Mu.Lock()
	defer s.Organizations.Mu.Unlock()
	out := &snapshotWriter{w: bufio.NewWriterSize(w, 64<<10), store: s.Store, renderer: odata.NewRenderer(nil, 4096)}
	out.text(`{"version":1,"taken_at":`, rawjson.Quote(s.Clock.Now().Format(time.RFC3339)))
	if s.extra.entra || s.extra.covered == nil {
		out.entra(s)
	}
	if len(s.Organizations.Keys) > 0 {
		out.text(",\n\"organizations\":{")
		for i, key := range s.Organizations.Keys {
			out.comma(i)
			out.text(rawjson.Quote(key), ":", string(rawjson.Marshal(s.Organizations.ByKey[key].Snapshot())))
		}
		out.text("}")
	}
	out.text("}\n")
	return out.w.Flush()
}

type snapshotWriter struct {
	w        *bufio.Writer // remembers its first error till Flush
	store    *tenant.Store
	renderer *odata.Renderer
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

func (o *snapshotWriter) entra(s *World) {
	o.text(",\n\"entra\":{\"tenant_id\":", rawjson.Quote(s.Store.ID))
	covered := func(name string, live int) bool {
		return s.extra.covered == nil || s.extra.covered[name] || live > 0
	}
	if covered("domains", len(s.Store.Domains.Keys)) {
		o.list("domains", s.Store.Domains.All())
	}
	if covered("users", s.Store.Users.Live) {
		o.list("users", o.sorted(s.Store.Users.Refs))
	}
	if covered("groups", s.Store.Groups.Live) {
		o.list("groups", o.sorted(s.Store.Groups.Refs))
	}
	if covered("cross_tenant_partners", len(s.Store.Partners.Keys)) {
		o.list("cross_tenant_partners", s.Store.Partners.All())
	}
	for _, extra := range []struct {
		name string
		raw  json.RawMessage
	}{{"synchronization", s.Registry.Snapshot()}, {"provisioning_logs", s.Registry.LogsSnapshot()}} {
		if extra.raw != nil {
			o.text(",\n", rawjson.Quote(extra.name), ":", rawjson.Compact(extra.raw))
		}
	}
	o.text("}")
}

// sorted is the live objects at some references, by id.
func (o *snapshotWriter) sorted(refs []int32) []*tenant.Object {
	out := make([]*tenant.Object, 0, len(refs))
	for _, ref := range refs {
		if ref >= 0 && o.store.Slots[ref].Object.Life == tenant.Live {
			out = append(out, o.store.Slots[ref].Object)
		}
	}
	slices.SortFunc(out, func(a, b *tenant.Object) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func (o *snapshotWriter) list(name string, objects []*tenant.Object) {
	o.text(",\n", rawjson.Quote(name), ":[")
	for i, obj := range objects {
		o.comma(i)
		o.object(obj)
	}
	o.text("]")
}

// object writes what was ever set of an object, by name, with what hangs on it.
func (o *snapshotWriter) object(obj *tenant.Object) {
	buf := append(o.renderer.Buf[:0], `{`...)
	buf = append(buf, obj.Entity.Prop(obj.Entity.KeyIndex).Key...)
	buf = rawjson.AppendQuoted(buf, obj.ID)
	for rest := obj.Props; rest != ""; {
		var i int
		var raw string
		i, raw, rest = tenant.Unpack(rest)
		buf = append(append(append(buf, ','), obj.Entity.Prop(i).Key...), raw...)
	}
	if obj.Unreadable {
		buf = append(buf, `,"unreadable":true`...)
	}
	switch obj.Entity {
	case o.store.UserType:
		if ref, ok := o.store.Lookup(obj.ID); ok {
			if m := o.store.Manager(ref, math.MaxInt64); m != nil {
				buf = reference(append(buf, `,"manager":`...), m)
			}
		}
	case o.store.GroupType:
		buf = o.members(buf, obj)
		buf = o.owners(buf, obj)
	case o.store.PartnerType:
		if sync := o.store.Syncs.Get(obj.ID); sync != nil {
			r := odata.NewRenderer(nil, 256)
			r.Object(sync, odata.Plain)
			buf = append(append(buf, `,"identitySynchronization":`...), r.Buf...)
		}
	}
	o.renderer.Buf = append(buf, '}')
	_, _ = o.w.Write(o.renderer.Buf)
}

func (o *snapshotWriter) members(buf []byte, group *tenant.Object) []byte {
	members := make([]*tenant.Object, 0, len(group.Members))
	for _, m := range group.Members {
		if obj := o.store.Slots[m].Object; obj.Life == tenant.Live || obj.Life == tenant.Stub {
			members = append(members, obj)
		}
	}
	slices.SortFunc(members, func(a, b *tenant.Object) int { return strings.Compare(a.ID, b.ID) })
	buf = append(buf, `,"members":[`...)
	for i, m := range members {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = reference(buf, m)
	}
	return append(buf, ']')
}

// owners writes a group's owners, where it has some.
func (o *snapshotWriter) owners(buf []byte, group *tenant.Object) []byte {
	ref, _ := o.store.Lookup(group.ID)
	list := o.store.Owners(ref)
	if len(list) == 0 {
		return buf
	}
	buf = append(buf, `,"owners":[`...)
	for i, owner := range list {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = reference(buf, o.store.Slots[owner].Object)
	}
	return append(buf, ']')
}

// reference writes an object by its type and id.
func reference(buf []byte, o *tenant.Object) []byte {
	buf = append(append(append(buf, `{"@odata.type":"`...), o.Entity.ODataType()...), `","id":`...)
	return append(rawjson.AppendQuoted(buf, o.ID), '}')
}
