package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/usersync/terraform-provider-usersync/internal/safefile"
)

// PreviousSuffix is what the name of a recorded snapshot gets when the next run
// records in its place.
const PreviousSuffix = ".previous"

// Recording is the snapshot file that this process records: what it has read,
// and nothing of an earlier run. The file is held until the process ends, so
// that two of them (two aliases of a configuration, two runs) can't take each
// other's parts away. It is safe for concurrent use.
type Recording struct {
	path  string
	place *safefile.Place

	mu sync.Mutex
	// begun: the file is this run's.
	begun  bool
	tenant string
	all    *Recorder
	// takenAt says when each part was read; a part of several reads is as old
	// as the first.
	takenAt map[string]string
}

// NewRecording holds the file; nothing is written before something was read.
// Errors are *SnapshotError.
func NewRecording(path string) (*Recording, error) {
	place, err := safefile.Hold(path, 0)
	if err != nil {
		return nil, recordError(path, err)
	}
	return &Recording{path: path, place: place, all: NewRecorder(), takenAt: map[string]string{}}, nil
}

// Release gives the file to others, as the end of the process does.
func (r *Recording) Release() error { return r.place.Release() }

func recordError(path string, err error) error {
	problem := err.Error()
	var kind *safefile.KindError
	var foreign *safefile.ForeignError
	switch {
	case errors.Is(err, safefile.ErrBusy):
		problem = "another provider configuration, or another run, is recording to this file. Give each its own file: two aliases can't share one. Wait for another run to end"
	case errors.As(err, &kind):
		problem = fmt.Sprintf("a snapshot is recorded to a regular file alone, and %s is %s. Name another file", kind.Path, kind.Kind)
	case errors.As(err, &foreign):
		problem = fmt.Sprintf("%s is there already, and %v, so it isn't replaced. Name another file, or move that one away", foreign.Path, foreign.Err)
	}
	return &SnapshotError{File: path, Problem: problem, Err: err}
}

// Add takes over what was kept of a read that succeeded, of a tenant (""
// where that isn't known) at a time (RFC 3339, UTC), and writes the file. The
// first of a run keeps the file of an earlier one beside it.
func (r *Recording) Add(read *Recorder, tenant, takenAt string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if tenant != "" {
		r.tenant = tenant
	}
	for _, part := range read.partNames() {
		if r.takenAt[part] == "" {
			r.takenAt[part] = takenAt
		}
	}
	r.all.merge(read)
	raw, err := r.render()
	if err != nil {
		return err
	}
	if r.begun {
		err = r.place.Replace(raw, r.ours)
	} else {
		err = r.place.ReplaceKeeping(raw, r.ours, r.path+PreviousSuffix)
	}
	if err != nil {
		return recordError(r.path, err)
	}
	r.begun = true
	return nil
}

// ours says why a file isn't an earlier recording of the same: by its version
// and its tenant, or, where this run doesn't know its tenant yet, by one of its
// organizations.
func (r *Recording) ours(content io.Reader) error {
	head, err := readHead(content)
	switch {
	case err != nil:
		return fmt.Errorf("it isn't a snapshot (%w)", err)
	case head.version != SnapshotVersion:
		return fmt.Errorf("it is a snapshot of version %d, while this provider writes version %d", head.version, SnapshotVersion)
	case head.tenant == "" && r.tenant != "":
		return nil
	case r.tenant != "" && head.tenant != strings.ToLower(r.tenant):
		return fmt.Errorf("it is the snapshot of another tenant (%s, not %s)", head.tenant, r.tenant)
	case r.tenant != "":
		return nil
	}
	for _, id := range r.all.orgIDs {
		if slices.Contains(head.organizations, id) {
			return nil
		}
	}
	return errors.New("it is the snapshot of another tenant or organization")
}

func (r *Recording) render() ([]byte, error) {
	r.all.mu.Lock()
	defer r.all.mu.Unlock()
	file := map[string]any{"version": SnapshotVersion}
	for _, at := range r.takenAt {
		if old, ok := file["taken_at"].(string); !ok || at < old {
			file["taken_at"] = at // as old as its oldest part
		}
	}
	if len(r.all.parts) > 0 || r.tenant != "" {
		entra, err := r.renderEntra()
		if err != nil {
			return nil, err
		}
		file["entra"] = entra
	}
	if len(r.all.orgs) > 0 {
		file["organizations"] = r.renderOrganizations()
	}
	raw, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		return nil, fmt.Errorf("writing the snapshot: %w", err)
	}
	return append(raw, '\n'), nil
}

func (r *Recording) renderEntra() (map[string]any, error) {
	entra, times := map[string]any{"tenant_id": r.tenant}, map[string]string{}
	if r.all.below != nil {
		entra["below"] = r.all.below
	}
	for name, part := range r.all.parts {
		entra[name], times[name] = sortedValues(part), r.takenAt[entraPart(name)]
	}
	if groups, ok := r.all.parts["groups"]; ok {
		list, err := r.all.groupsWithMembers(groups)
		if err != nil {
			return nil, err
		}
		entra["groups"] = list
	}
	if len(times) > 0 {
		entra["taken_at"] = times
	}
	return entra, nil
}

func (r *Recording) renderOrganizations() map[string]any {
	organizations := map[string]any{}
	for key, parts := range r.all.orgs {
		o, scim, times := map[string]any{"organization_id": r.all.orgIDs[key]}, map[string]any{}, map[string]string{}
		for name, part := range parts {
			times[name] = r.takenAt[organizationPart(key, name)]
			if kind, ok := strings.CutPrefix(name, "scim/"); ok {
				scim[kind] = sortedValues(part)
				o["scim"] = scim
				continue
			}
			o[name] = sortedValues(part)
		}
		o["taken_at"] = times
		organizations[key] = o
	}
	return organizations
}

func (r *Recorder) groupsWithMembers(groups map[string]json.RawMessage) ([]json.RawMessage, error) {
	list := sortedValues(groups)
	for i, raw := range list {
		var g map[string]json.RawMessage
		if err := json.Unmarshal(raw, &g); err != nil {
			return nil, fmt.Errorf("writing the snapshot: %w", err)
		}
		var id string
		if err := json.Unmarshal(g["id"], &id); err != nil {
			return nil, fmt.Errorf("writing the snapshot: a group without id: %w", err)
		}
		members := r.members[strings.ToLower(id)]
		if members == nil {
			members = []json.RawMessage{}
		}
		m, err := json.Marshal(members)
		if err != nil {
			return nil, fmt.Errorf("writing the snapshot: %w", err)
		}
		g["members"] = m
		if list[i], err = json.Marshal(g); err != nil {
			return nil, fmt.Errorf("writing the snapshot: %w", err)
		}
	}
	return list, nil
}

func sortedValues(m map[string]json.RawMessage) []json.RawMessage {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	out := make([]json.RawMessage, len(keys))
	for i, k := range keys {
		out[i] = m[k]
	}
	return out
}
