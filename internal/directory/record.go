package directory

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Recorder keeps what the services answered and writes it as a snapshot file.
// It is safe for concurrent use.
type Recorder struct {
	mu      sync.Mutex
	path    string
	takenAt string
	tenant  string
	parts   map[string]map[string]json.RawMessage
	members map[string][]json.RawMessage
	orgs    map[string]map[string]map[string]json.RawMessage
	// below limits what was read to what is below some groups; nil for the tenant.
	below  []string
	orgIDs map[string]string
}

// NewRecorder makes a recorder that writes to path.
func NewRecorder(path string) *Recorder {
	return &Recorder{
		path: path, parts: map[string]map[string]json.RawMessage{}, members: map[string][]json.RawMessage{},
		orgs: map[string]map[string]map[string]json.RawMessage{}, orgIDs: map[string]string{},
	}
}

// Start notes the tenant and the time (RFC 3339) of a reading.
func (r *Recorder) Start(tenant, takenAt string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if tenant != "" {
		r.tenant = tenant
	}
	r.takenAt = takenAt
}

// Cover notes that a collection of the tenant was read, even if it was empty:
// "users", "groups", "domains", "cross_tenant_partners".
func (r *Recorder) Cover(part string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.parts[part] == nil {
		r.parts[part] = map[string]json.RawMessage{}
	}
}

// Add keeps an object of a collection of the tenant. A second answer about the
// same object adds its properties to the first.
func (r *Recorder) Add(part, id string, raw []byte) {
	r.Cover(part)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.parts[part][id] = overlay(r.parts[part][id], raw)
}

// Limit notes that the read was limited to what is below some groups, by id.
func (r *Recorder) Limit(groups []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.below = slices.Clone(groups)
}

// Members keeps the direct members of a group, in place of what was kept.
func (r *Recorder) Members(group string, raw []json.RawMessage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members[strings.ToLower(group)] = raw
}

// CoverOrganization notes that a collection of an organisation was read:
// "domains", "accounts", "groups".
func (r *Recorder) CoverOrganization(key, id, part string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.orgIDs[key] = id
	if r.orgs[key] == nil {
		r.orgs[key] = map[string]map[string]json.RawMessage{}
	}
	if r.orgs[key][part] == nil {
		r.orgs[key][part] = map[string]json.RawMessage{}
	}
}

// AddOrganization keeps an object of an organisation's collection that
// CoverOrganization named; those of its SCIM directory are "scim/users" and
// "scim/groups".
func (r *Recorder) AddOrganization(key, part, id string, raw []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.orgs[key][part][id] = slices.Clone(raw)
}

// overlay puts the properties of the later answer over those of the first.
func overlay(first, later []byte) json.RawMessage {
	if first == nil {
		return slices.Clone(later)
	}
	var a, b map[string]json.RawMessage
	if json.Unmarshal(first, &a) != nil || json.Unmarshal(later, &b) != nil {
		return slices.Clone(later)
	}
	for k, v := range b {
		a[k] = v
	}
	out, err := json.Marshal(a)
	if err != nil {
		return slices.Clone(later)
	}
	return out
}

// Write writes the file: at once or not at all, readable by its owner alone,
// for it names people.
func (r *Recorder) Write() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	file := map[string]any{"version": SnapshotVersion}
	if r.takenAt != "" {
		file["taken_at"] = r.takenAt
	}
	if len(r.parts) > 0 {
		entra := map[string]any{"tenant_id": r.tenant}
		if r.below != nil {
			entra["below"] = r.below
		}
		for name, part := range r.parts {
			entra[name] = sortedValues(part)
		}
		if groups, ok := r.parts["groups"]; ok {
			list, err := r.groupsWithMembers(groups)
			if err != nil {
				return err
			}
			entra["groups"] = list
		}
		file["entra"] = entra
	}
	organizations := map[string]any{}
	for key, parts := range r.orgs {
		o := map[string]any{"organization_id": r.orgIDs[key]}
		scim := map[string]any{}
		for name, part := range parts {
			if kind, ok := strings.CutPrefix(name, "scim/"); ok {
				scim[kind] = sortedValues(part)
				o["scim"] = scim
				continue
			}
			o[name] = sortedValues(part)
		}
		organizations[key] = o
	}
	if len(organizations) > 0 {
		file["organizations"] = organizations
	}
	old := r.carryOver(file)
	raw, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		return fmt.Errorf("writing the snapshot: %w", err)
	}
	if old != nil && sameFacts(old, raw) {
		return nil // a run that fails after this leaves the file as it was
	}
	return WriteFileAtomically(r.path, append(raw, '\n'))
}

// Merge takes over what another recorder kept of one read that succeeded.
func (r *Recorder) Merge(o *Recorder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tenant != "" {
		r.tenant = o.tenant
	}
	if o.takenAt > r.takenAt {
		r.takenAt = o.takenAt
	}
	if _, users := o.parts["users"]; users {
		switch _, before := r.parts["users"]; {
		case !before:
			r.below = o.below
		case o.below == nil || r.below == nil:
			r.below = nil // one of them read the whole tenant
		default:
			r.below = sortedUnique(slices.Concat(r.below, o.below))
		}
	}
	for name, part := range o.parts {
		if r.parts[name] == nil {
			r.parts[name] = map[string]json.RawMessage{}
		}
		for id, raw := range part {
			r.parts[name][id] = overlay(r.parts[name][id], raw)
		}
	}
	maps.Copy(r.members, o.members)
	maps.Copy(r.orgIDs, o.orgIDs)
	for key, parts := range o.orgs {
		if r.orgs[key] == nil {
			r.orgs[key] = map[string]map[string]json.RawMessage{}
		}
		maps.Copy(r.orgs[key], parts)
	}
}

// carryOver keeps, of the file that is there, what this run hasn't read: a
// read that comes later, or fails, must not cost what was recorded before. A
// file of another tenant, or of another version, keeps nothing.
//
// It answers the file of before where something was carried over.
func (r *Recorder) carryOver(file map[string]any) (before []byte) {
	raw, err := os.ReadFile(r.path)
	if err != nil {
		return nil
	}
	var old struct {
		Version       int                        `json:"version"`
		Entra         map[string]json.RawMessage `json:"entra"`
		Organizations map[string]json.RawMessage `json:"organizations"`
	}
	var tenant string
	if json.Unmarshal(raw, &old) != nil || old.Version != SnapshotVersion ||
		old.Entra != nil && json.Unmarshal(old.Entra["tenant_id"], &tenant) != nil || r.tenant != "" && tenant != "" && !strings.EqualFold(tenant, r.tenant) {
		return nil
	}
	if old.Entra != nil {
		entra, ok := file["entra"].(map[string]any)
		if !ok {
			file["entra"], before = old.Entra, raw
		} else if _, read := entra["synchronization"]; !read && old.Entra["synchronization"] != nil {
			entra["synchronization"], before = old.Entra["synchronization"], raw
		}
	}
	organizations, ok := file["organizations"].(map[string]any)
	if !ok {
		organizations = map[string]any{}
	}
	for key, o := range old.Organizations {
		if _, read := organizations[key]; !read {
			organizations[key], before = o, raw
		}
	}
	if len(organizations) > 0 {
		file["organizations"] = organizations
	}
	return before
}

// sameFacts reports whether two snapshots differ in their time at most.
func sameFacts(a, b []byte) bool {
	var x, y map[string]any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	delete(x, "taken_at")
	delete(y, "taken_at")
	return reflect.DeepEqual(x, y)
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

// WriteFileAtomically writes a file of mode 0600 beside its place and moves it
// there, so that a reader sees the old file or the new one.
func WriteFileAtomically(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
			err = fmt.Errorf("writing %s: %w", path, err)
		}
	}()
	if err = f.Chmod(0o600); err != nil {
		return err
	}
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
