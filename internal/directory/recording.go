package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/safefile"
)

// PreviousSuffix is what the name of a recorded snapshot gets when the next run
// records in its place.
const PreviousSuffix = ".previous"

// Recording is the snapshot file that a run records: what it has read, and
// nothing of an earlier one. A run is one of the CLI, which may have several
// processes of the provider: one for each alias. The file is what they share.
// It is safe for concurrent use.
type Recording struct {
	path, run string
}

// NewRecording makes a recording of a run, which has a name of its own.
func NewRecording(path, run string) *Recording { return &Recording{path, run} }

func recordError(path string, err error) error {
	problem := err.Error()
	var kind *safefile.KindError
	var foreign *safefile.ForeignError
	switch {
	case errors.Is(err, safefile.ErrBusy):
		problem = "another process is recording to this file, and has been for some seconds. Give each run its own " +
			"file, or wait until the other has ended"
	case errors.As(err, &kind):
		problem = fmt.Sprintf("a snapshot is recorded to a regular file alone, and %s is %s. Name another "+
			"file", kind.Path, kind.Kind)
	case errors.As(err, &foreign):
		problem = fmt.Sprintf("%s is there already, and %v, so it isn't replaced. Name another file, or move that "+
			"one away", foreign.Path, foreign.Err)
	}
	return &SnapshotError{File: path, Problem: problem, Err: err}
}

// recorded is what a file holds, by parts.
type recorded struct {
	*Recorder
	run, tenant string
	// takenAt says when each part was read; a part of several reads is as old
	// as the first.
	takenAt map[string]string
}

// Add writes what was kept of a read that succeeded, of a tenant ("" where that
// isn't known) at a time (RFC 3339, UTC), beside what this run has recorded
// before. The first of a run keeps the file of an earlier one. Errors are
// *SnapshotError.
func (r *Recording) Add(ctx context.Context, read *Recorder, tenant, takenAt string) error {
	place, err := safefile.Hold(ctx, r.path, recordingTakes)
	if err != nil {
		return recordError(r.path, err)
	}
	if err := errors.Join(r.add(place, read, tenant, takenAt), place.Release()); err != nil {
		return recordError(r.path, err)
	}
	return nil
}

// recordingTakes is how long another process may hold the file: a large tenant
// takes some seconds to write.
const recordingTakes = time.Minute

func (r *Recording) add(place *safefile.Place, read *Recorder, tenant, takenAt string) error {
	ours := func(content io.Reader) error { return sameSubject(content, tenant, read.orgIDs) }
	if err := place.Check(ours); err != nil {
		return err
	}
	all, err := r.soFar()
	if err != nil {
		return err
	}
	earlier := all == nil
	if earlier {
		all = &recorded{Recorder: NewRecorder(), run: r.run, takenAt: map[string]string{}}
	}
	if tenant != "" {
		all.tenant = tenant
	}
	for _, part := range read.partNames() {
		if all.takenAt[part] == "" {
			all.takenAt[part] = takenAt
		}
	}
	all.merge(read)
	raw, err := all.render()
	if err != nil {
		return err
	}
	if earlier {
		return place.ReplaceKeeping(raw, ours, r.path+PreviousSuffix)
	}
	return place.Replace(raw, ours)
}

// sameSubject says why a file isn't an earlier recording of the same: by its
// version and its tenant, or, where the tenant isn't known yet, by one of its
// organizations.
func sameSubject(content io.Reader, tenant string, organizations map[string]string) error {
	head, err := readHead(content)
	switch {
	case err != nil:
		return fmt.Errorf("it isn't a snapshot (%w)", err)
	case head.version != SnapshotVersion:
		return fmt.Errorf(
			"it is a snapshot of version %d, while this provider writes version %d",
			head.version,
			SnapshotVersion,
		)
	case tenant != "" && head.tenant != "" && head.tenant != strings.ToLower(tenant):
		return fmt.Errorf("it is the snapshot of another tenant (%s, not %s)", head.tenant, tenant)
	case tenant != "":
		return nil
	}
	for _, id := range organizations {
		if slices.Contains(head.organizations, id) {
			return nil
		}
	}
	return errors.New("it is the snapshot of another tenant or organization")
}

func (r *recorded) render() ([]byte, error) {
	file := map[string]any{"version": SnapshotVersion, "run": r.run}
	for _, at := range r.takenAt {
		if old, ok := file["taken_at"].(string); !ok || at < old {
			file["taken_at"] = at // as old as its oldest part
		}
	}
	if len(r.parts) > 0 || r.tenant != "" {
		entra, err := r.renderEntra()
		if err != nil {
			return nil, err
		}
		file["entra"] = entra
	}
	if len(r.orgs) > 0 {
		file["organizations"] = r.renderOrganizations()
	}
	raw, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		return nil, fmt.Errorf("writing the snapshot: %w", err)
	}
	return append(raw, '\n'), nil
}

func (r *recorded) renderEntra() (map[string]any, error) {
	entra, times := map[string]any{"tenant_id": r.tenant}, map[string]string{}
	if r.below != nil {
		entra["below"] = r.below
	}
	for name, part := range r.parts {
		entra[name], times[name] = sortedValues(part), r.takenAt[entraPart(name)]
	}
	if groups, ok := r.parts["groups"]; ok {
		list, err := r.groupsWithMembers(groups)
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

func (r *recorded) renderOrganizations() map[string]any {
	organizations := map[string]any{}
	for key, parts := range r.orgs {
		o, scim, times := map[string]any{"organization_id": r.orgIDs[key]}, map[string]any{}, map[string]string{}
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
