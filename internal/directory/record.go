package directory

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Recorder keeps what the services answered to one read. It is safe for
// concurrent use.
type Recorder struct {
	mu      sync.Mutex
	parts   map[string]map[string]json.RawMessage
	members map[string][]json.RawMessage
	orgs    map[string]map[string]map[string]json.RawMessage
	// below limits what was read to what is below some groups; nil for the tenant.
	below  []string
	orgIDs map[string]string
}

// NewRecorder makes a recorder.
func NewRecorder() *Recorder {
	return &Recorder{
		parts: map[string]map[string]json.RawMessage{}, members: map[string][]json.RawMessage{},
		orgs: map[string]map[string]map[string]json.RawMessage{}, orgIDs: map[string]string{},
	}
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

// CoverOrganization notes that a collection of an organization was read:
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

// AddOrganization keeps an object of an organization's collection that
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
	maps.Copy(a, b)
	out, err := json.Marshal(a)
	if err != nil {
		return slices.Clone(later)
	}
	return out
}

// merge takes over what another recorder kept of a later read.
func (r *Recorder) merge(o *Recorder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	_, again := o.parts["users"]
	if again {
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
		if again && o.below == nil { // the whole of it: who isn't in it any longer is gone
			maps.DeleteFunc(r.parts[name], func(id string, _ json.RawMessage) bool { return part[id] == nil })
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

// partNames are the parts that a recorder has, as JSON pointers into a
// snapshot.
func (r *Recorder) partNames() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for name := range r.parts {
		names = append(names, entraPart(name))
	}
	for key, parts := range r.orgs {
		for name := range parts {
			names = append(names, organizationPart(key, name))
		}
	}
	return names
}

func entraPart(name string) string { return "/entra/" + name }

func organizationPart(key, name string) string {
	return "/organizations/" + pointer(key) + "/" + name
}
