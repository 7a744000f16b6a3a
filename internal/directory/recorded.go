package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/safefile"
)

// recordedFile is what a recording has of a run.
type recordedFile struct {
	Run           string                                `json:"run"`
	Entra         map[string]json.RawMessage            `json:"entra"`
	Organizations map[string]map[string]json.RawMessage `json:"organizations"`
}

// recordedOf reads a recording; false where it is none.
func recordedOf(raw []byte) (file recordedFile, ok bool) {
	err := json.Unmarshal(raw, &file)
	return file, err == nil
}

// soFar is what this run has recorded already, nil where the file isn't there
// or is an earlier run's.
func (r *Recording) soFar() (*recorded, error) {
	raw, err := safefile.ReadFile(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	file, ours := recordedOf(raw)
	if !ours || file.Run != r.run {
		return nil, nil // another run's, or none
	}
	out := &recorded{Recorder: NewRecorder(), run: r.run, takenAt: map[string]string{}}
	if err := out.loadEntra(file.Entra); err != nil {
		return nil, fmt.Errorf("reading what was recorded: %w", err)
	}
	for key, parts := range file.Organizations {
		if err := out.loadOrganization(key, parts); err != nil {
			return nil, fmt.Errorf("reading what was recorded: %w", err)
		}
	}
	return out, nil
}

func (r *recorded) loadEntra(parts map[string]json.RawMessage) error {
	var times map[string]string
	for name, into := range map[string]any{"tenant_id": &r.tenant, "below": &r.below, "taken_at": &times} {
		if raw := parts[name]; raw != nil {
			if err := json.Unmarshal(raw, into); err != nil {
				return err
			}
		}
	}
	for name, at := range times {
		r.takenAt[entraPart(name)] = at
		list, err := load(parts[name])
		if err != nil {
			return err
		}
		r.parts[name] = list
	}
	for id, raw := range r.parts["groups"] {
		var g struct {
			Members []json.RawMessage `json:"members"`
		}
		if err := json.Unmarshal(raw, &g); err != nil {
			return err
		}
		r.members[id] = g.Members
	}
	return nil
}

func (r *recorded) loadOrganization(key string, parts map[string]json.RawMessage) error {
	var id string
	var times map[string]string
	if err := errors.Join(
		json.Unmarshal(parts["organization_id"], &id),
		json.Unmarshal(parts["taken_at"], &times),
	); err != nil {
		return err
	}
	var scim map[string]json.RawMessage
	if raw := parts["scim"]; raw != nil {
		if err := json.Unmarshal(raw, &scim); err != nil {
			return err
		}
	}
	r.orgIDs[key], r.orgs[key] = id, map[string]map[string]json.RawMessage{}
	for name, at := range times {
		r.takenAt[organizationPart(key, name)] = at
		raw := parts[name]
		if kind, ok := strings.CutPrefix(name, "scim/"); ok {
			raw = scim[kind]
		}
		list, err := load(raw)
		if err != nil {
			return err
		}
		r.orgs[key][name] = list
	}
	return nil
}

// load reads a list by the ids of its objects.
func load(raw json.RawMessage) (map[string]json.RawMessage, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, err
	}
	out := make(map[string]json.RawMessage, len(list))
	for _, x := range list {
		var ids struct {
			ID               string `json:"id"`
			TenantID         string `json:"tenantId"`
			ServicePrincipal string `json:"service_principal_id"`
		}
		if err := json.Unmarshal(x, &ids); err != nil {
			return nil, err
		}
		all := []string{ids.ID, ids.TenantID, ids.ServicePrincipal, string(x)}
		id := all[slices.IndexFunc(all, func(s string) bool { return s != "" })]
		out[strings.ToLower(id)] = x
	}
	return out, nil
}
