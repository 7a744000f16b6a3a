package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// partners reads cross-tenant partners for a record; without the permission
// that part isn't covered, nor where one of them can't be read whole: the people of the
// record are worth more than that.
func (r *directoryRead) partners(ctx context.Context) error {
	const base = "/policies/crossTenantAccessPolicy/partners"
	list := map[string]json.RawMessage{}
	err := r.client.eachObject(ctx, graph.Request{
		Method: http.MethodGet, URL: base, Operation: "reading cross-tenant partners", Need: NeedPartners,
	}, func(raw []byte) error {
		var p map[string]json.RawMessage
		var id string
		if err := errors.Join(json.Unmarshal(raw, &p), json.Unmarshal(p["tenantId"], &id)); err != nil {
			return fmt.Errorf("a partner without tenantId: %w", err)
		}
		list[id] = slices.Clone(raw)
		return nil
	})
	var e *graph.Error
	if errors.As(err, &e) && e.Status == http.StatusForbidden {
		return nil
	}
	if err != nil {
		return err
	}
	syncs := map[string]json.RawMessage{}
	for id := range list {
		a, err := r.client.graph.Do(ctx, graph.Request{
			Method:    http.MethodGet,
			URL:       base + "/" + url.PathEscape(id) + "/identitySynchronization",
			Operation: "reading a partner's user synchronization",
			Need:      NeedPartners,
		})
		switch {
		case errors.As(err, &e) && e.Status == http.StatusNotFound:
			continue
		case errors.As(err, &e):
			return nil // without it, the partner would look as if it had none
		case err != nil:
			return err
		}
		if syncs[id], err = json.Marshal(map[string]json.RawMessage{"identitySynchronization": a.Body}); err != nil {
			return fmt.Errorf("recording a partner: %w", err)
		}
	}
	r.recordCovered("cross_tenant_partners")
	for id, raw := range list {
		r.record("cross_tenant_partners", id, raw)
		if sync := syncs[id]; sync != nil {
			r.record("cross_tenant_partners", id, sync)
		}
	}
	return nil
}

func (r *directoryRead) recordCovered(part string) {
	if r.o.Recorder != nil {
		r.o.Recorder.Cover(part)
	}
}

func (r *directoryRead) record(part, id string, raw []byte) {
	if r.o.Recorder != nil {
		r.o.Recorder.Add(part, id, raw)
	}
}

// unknownGroup stands in a record for members that were withheld: a member
// group that isn't among the groups.
const unknownGroup = `{"@odata.type":"#microsoft.graph.group","id":"00000000-0000-0000-0000-000000000000"}`

// memberReference keeps of a member what a snapshot's group holds.
func memberReference(raw []byte) json.RawMessage {
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
