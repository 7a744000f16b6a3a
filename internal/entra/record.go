package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// partners reads cross-tenant partners for a record; without the permission
// that part isn't covered.
func (r *read) partners(ctx context.Context) error {
	const base = "/policies/crossTenantAccessPolicy/partners"
	list := map[string]json.RawMessage{}
	err := r.c.pages(ctx, call{method: http.MethodGet, url: base, doing: "reading cross-tenant partners", need: NeedPartners}, func(raw []byte) error {
		var p map[string]json.RawMessage
		var id string
		if err := errors.Join(json.Unmarshal(raw, &p), json.Unmarshal(p["tenantId"], &id)); err != nil {
			return fmt.Errorf("a partner without tenantId: %w", err)
		}
		list[id] = slices.Clone(raw)
		return nil
	})
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusForbidden {
		return nil
	}
	if err != nil {
		return err
	}
	r.cover("cross_tenant_partners")
	for id, raw := range list {
		a, err := r.c.do(ctx, call{method: http.MethodGet, url: base + "/" + url.PathEscape(id) + "/identitySynchronization", doing: "reading a partner's user synchronization", need: NeedPartners})
		r.record("cross_tenant_partners", id, raw)
		if errors.As(err, &e) && e.Status == http.StatusNotFound {
			continue
		}
		if err != nil {
			return err
		}
		merged, err := json.Marshal(map[string]json.RawMessage{"identitySynchronization": a.body})
		if err != nil {
			return fmt.Errorf("recording a partner: %w", err)
		}
		r.record("cross_tenant_partners", id, merged)
	}
	return nil
}

func (r *read) cover(part string) {
	if r.o.Recorder != nil {
		r.o.Recorder.Cover(part)
	}
}

func (r *read) record(part, id string, raw []byte) {
	if r.o.Recorder != nil {
		r.o.Recorder.Add(part, id, raw)
	}
}

// unknownGroup stands in a record for members that were withheld: a member
// group that isn't among the groups.
const unknownGroup = `{"@odata.type":"#microsoft.graph.group","id":"00000000-0000-0000-0000-000000000000"}`

// memberOnly keeps of a member what a snapshot's group holds.
func memberOnly(raw []byte) json.RawMessage {
	var m struct {
		Type string `json:"@odata.type"`
		ID   string `json:"id"`
	}
	if json.Unmarshal(raw, &m) != nil {
		return slices.Clone(raw)
	}
	out, err := json.Marshal(map[string]string{"@odata.type": m.Type, "id": m.ID})
	if err != nil {
		return slices.Clone(raw)
	}
	return out
}
