// Package jobs is the enterprise applications of a tenant: who is assigned, and their synchronization jobs with
// schemas,
// secrets, states and logs. Package provisioning runs them.
package jobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

var errNotJSON = errors.New("the text is no JSON object")

// Registry is the service principals with what hangs on them. The store's mutex guards it: who is
// assigned and what the directory holds is answered together.
type Registry struct {
	store    *tenant.Store
	clock    *env.Clock
	behavior *env.Behavior

	Listed     bool // the snapshot has the part, or something was made since
	Principals []*Principal
	Limits     map[string][]time.Time // of requests within the last seconds, by what is limited
	Token      string                 // the SecretToken that targets accept

	Running sync.Mutex        // of the one cycle that runs; it is taken before the store's
	Logs    []json.RawMessage // of cycles, the newest last
	Old     json.RawMessage   // those of the snapshot
}

// Principal is an enterprise application.
type Principal struct {
	ID, Name             string
	AppID, ApplicationID string
	Created              string // when the application was made; "" where nobody knows
	Gallery              string // the application template that it was made from
	Assigned             []Assignment
	Declared             []appRole // by a snapshot; nil: a gallery app's
	Jobs                 []*Job
	Secrets              []KeyValue
	Token                string // of this application's target; "": that of all
	Before               *PastPrincipal
}

// NewRegistry is a tenant without applications.
func NewRegistry(st *tenant.Store) *Registry {
	return &Registry{
		store: st, clock: st.Clock, behavior: st.Behavior, Limits: map[string][]time.Time{},
		Token: atlassian.DefaultSecretToken,
	}
}

// KeyValue is a secret by its key.
type KeyValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Job is a synchronization job with its schema.
type Job struct {
	Body, Schema rawjson.Object
	// Given is the schema's own text, where it was set as a text and nothing changed it since; Received is the
	// body of the last PUT.
	Given, Received json.RawMessage
	revision        int // of the schema
	Started         time.Time
	Began           time.Time // the last cycle
	Runs            JobCycles
	Pending         bool             // the next cycle is an initial one
	Initial         bool             // the cycle under way is
	Forced          bool             // the next cycle deletes, whatever the threshold
	Links           map[string]*Link // what was provisioned, by the source's id
	Departed        map[string]bool  // who left the scope and is no longer managed, by the source\'s id
}

// Text is a text of the job's body.
func (j *Job) Text(name string) string { s, _ := j.Body[name].(string); return s }

// Application is a service principal as a snapshot's "synchronization" has it; Jobs are those after
// the first, which few applications have.
type Application struct {
	ID          string           `json:"service_principal_id"`
	DisplayName string           `json:"display_name,omitempty"`
	Job         rawjson.Object   `json:"job,omitempty"`
	Schema      rawjson.Object   `json:"schema,omitempty"`
	AppRoles    []appRole        `json:"app_roles,omitempty"`
	Assigned    []assigned       `json:"assigned,omitempty"`
	Jobs        []applicationJob `json:"jobs,omitempty"`
	AppID       string           `json:"app_id,omitempty"`
	Template    string           `json:"application_template_id,omitempty"`
}

type applicationJob struct {
	Job    rawjson.Object `json:"job"`
	Schema rawjson.Object `json:"schema"`
}

// Load takes the applications of a snapshot.
func (s *Registry) Load(list []Application) {
	s.Listed = true
	for _, a := range list {
		p := &Principal{
			ID: a.ID, Name: a.DisplayName, AppID: a.AppID, Gallery: a.Template,
			ApplicationID: naming.StableID("application:" + a.ID),
		}
		if p.AppID == "" {
			p.AppID = naming.StableID("app:" + a.ID)
		}
		for _, j := range slices.Concat([]applicationJob{{a.Job, a.Schema}}, a.Jobs) {
			if id, _ := j.Job["id"].(string); id == "" {
				continue
			}
			job := &Job{Body: j.Job, Schema: j.Schema}
			if job.Schema == nil {
				job.Schema = rawjson.Object{}
			}
			p.Jobs = append(p.Jobs, job)
		}
		p.Declared = a.AppRoles
		for _, who := range a.Assigned {
			p.assignBy(who)
		}
		s.Principals = append(s.Principals, p)
	}
}

// Snapshot is the state as a snapshot has it; nil: the part isn't there. Secrets and the
// counts of cycles aren't in a snapshot.
func (s *Registry) Snapshot() json.RawMessage {
	if !s.Listed {
		return nil
	}
	list := []Application{}
	for _, p := range s.Principals {
		a := Application{ID: p.ID, DisplayName: p.Name, Template: p.Gallery}
		if p.AppID != naming.StableID("app:"+p.ID) {
			a.AppID = p.AppID
		}
		for i, j := range p.Jobs {
			if i == 0 {
				a.Job, a.Schema = j.Body, j.Schema
				continue
			}
			a.Jobs = append(a.Jobs, applicationJob{j.Body, j.Schema})
		}
		var roles bool
		if a.Assigned, roles = p.snapshotAssigned(); roles {
			a.AppRoles = p.Roles()
		}
		list = append(list, a)
	}
	return rawjson.Marshal(list)
}

// Find is a service principal by id or, for those who look from outside, by name.
func (s *Registry) Find(id string, byName bool) *Principal {
	for _, p := range s.Principals {
		if strings.EqualFold(p.ID, id) || byName && p.Name == id {
			return p
		}
	}
	return nil
}

// Job is a job of the application by its id, nil if there is none.
func (p *Principal) Job(id string) *Job {
	for _, j := range p.Jobs {
		if j.Text("id") == id {
			return j
		}
	}
	return nil
}

// SetAssigned replaces who is assigned to a service principal, as an administrator would.
func (s *Registry) SetAssigned(servicePrincipal string, ids ...string) error {
	return s.changePrincipal(servicePrincipal, func(p *Principal) error { p.assign(ids); return nil })
}

// AssignRole assigns someone to a service principal by a role, beside those who are assigned.
func (s *Registry) AssignRole(servicePrincipal, who, role string) error {
	return s.changePrincipal(servicePrincipal, func(p *Principal) error {
		if !s.KnownRole(p, role) {
			return fmt.Errorf("service principal %q has no role %q", servicePrincipal, role)
		}
		p.assignBy(assigned{Principal: who, Role: role})
		return nil
	})
}

// SetSchema replaces the schema of a service principal's first job, unchecked and as it is.
func (s *Registry) SetSchema(servicePrincipal string, schema []byte) error {
	var m rawjson.Object
	if err := json.Unmarshal(schema, &m); err != nil || m == nil {
		return errNotJSON
	}
	return s.changePrincipal(servicePrincipal, func(p *Principal) error {
		if len(p.Jobs) == 0 {
			return fmt.Errorf("service principal %q has no job", servicePrincipal)
		}
		p.Jobs[0].Schema, p.Jobs[0].Given = m, bytes.Clone(schema)
		return nil
	})
}

// Schemas are the schema of a service principal's first job as a GET answers it, but for its context, and the
// body of the last PUT, nil where there was none.
func (s *Registry) Schemas(servicePrincipal string) (now, received []byte, err error) {
	err = s.changePrincipal(servicePrincipal, func(p *Principal) error {
		if len(p.Jobs) == 0 {
			return fmt.Errorf("service principal %q has no job", servicePrincipal)
		}
		now, received = rawjson.Marshal(p.Jobs[0].Schema), p.Jobs[0].Received
		if p.Jobs[0].Given != nil {
			now = p.Jobs[0].Given
		}
		return nil
	})
	return now, received, err
}
