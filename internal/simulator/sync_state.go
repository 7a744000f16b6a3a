package simulator

import (
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

// syncState is the service principals with what hangs on them. The store's mutex guards it: who is
// assigned and what the directory holds is answered together.
type syncState struct {
	store    *tenant.Store
	clock    *env.Clock
	behavior *env.Behavior

	listed     bool // the snapshot has the part, or something was made since
	principals []*principal
	limits     map[string][]time.Time // of requests within the last seconds, by what is limited
	token      string                 // the SecretToken that targets accept

	running sync.Mutex        // of the one cycle that runs; it is taken before the store's
	logs    []json.RawMessage // of cycles, the newest last
	old     json.RawMessage   // those of the snapshot
}

// principal is an enterprise application.
type principal struct {
	id, name             string
	appID, applicationID string
	gallery              string // the application template that it was made from
	assigned             []assignment
	jobs                 []*syncJob
	secrets              []keyValue
	token                string // of this application's target; "": that of all
	before               *pastPrincipal
}

func newSyncState(st *tenant.Store) *syncState {
	return &syncState{store: st, clock: st.Clock, behavior: st.Behavior, limits: map[string][]time.Time{}, token: atlassian.DefaultSecretToken}
}

type keyValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// syncJob is a synchronization job with its schema.
type syncJob struct {
	body, schema rawjson.Object
	revision     int // of the schema
	started      time.Time
	began        time.Time // the last cycle
	runs         JobCycles
	pending      bool             // the next cycle is an initial one
	initial      bool             // the cycle under way is
	forced       bool             // the next cycle deletes, whatever the threshold
	links        map[string]*link // what was provisioned, by the source's id
}

func (j *syncJob) text(name string) string { s, _ := j.body[name].(string); return s }

// application is a service principal as a snapshot's "synchronization" has it; Jobs are those after
// the first, which few applications have.
type application struct {
	ID          string           `json:"service_principal_id"`
	DisplayName string           `json:"display_name,omitempty"`
	Job         rawjson.Object   `json:"job,omitempty"`
	Schema      rawjson.Object   `json:"schema,omitempty"`
	Assigned    []string         `json:"assigned,omitempty"`
	Jobs        []applicationJob `json:"jobs,omitempty"`
	AppID       string           `json:"app_id,omitempty"`
	Template    string           `json:"application_template_id,omitempty"`
}

type applicationJob struct {
	Job    rawjson.Object `json:"job"`
	Schema rawjson.Object `json:"schema"`
}

func (s *syncState) loadSynchronization(list []application) {
	s.listed = true
	for _, a := range list {
		p := &principal{id: a.ID, name: a.DisplayName, appID: a.AppID, gallery: a.Template, applicationID: naming.StableID("application:" + a.ID)}
		if p.appID == "" {
			p.appID = naming.StableID("app:" + a.ID)
		}
		for _, j := range slices.Concat([]applicationJob{{a.Job, a.Schema}}, a.Jobs) {
			if id, _ := j.Job["id"].(string); id == "" {
				continue
			}
			job := &syncJob{body: j.Job, schema: j.Schema}
			if job.schema == nil {
				job.schema = rawjson.Object{}
			}
			p.jobs = append(p.jobs, job)
		}
		p.assign(a.Assigned)
		s.principals = append(s.principals, p)
	}
}

// synchronizationPart is the state as a snapshot has it; nil: the part isn't there. Secrets, the
// roles of assignments and the counts of cycles aren't in a snapshot.
func (s *syncState) synchronizationPart() json.RawMessage {
	if !s.listed {
		return nil
	}
	list := []application{}
	for _, p := range s.principals {
		a := application{ID: p.id, DisplayName: p.name, Template: p.gallery}
		if p.appID != naming.StableID("app:"+p.id) {
			a.AppID = p.appID
		}
		for i, j := range p.jobs {
			if i == 0 {
				a.Job, a.Schema = j.body, j.schema
				continue
			}
			a.Jobs = append(a.Jobs, applicationJob{j.body, j.schema})
		}
		for _, g := range p.assigned {
			if !slices.Contains(a.Assigned, g.principal) {
				a.Assigned = append(a.Assigned, g.principal)
			}
		}
		list = append(list, a)
	}
	return rawjson.Marshal(list)
}

// find is a service principal by id or, for those who look from outside, by name.
func (s *syncState) find(id string, byName bool) *principal {
	for _, p := range s.principals {
		if strings.EqualFold(p.id, id) || byName && p.name == id {
			return p
		}
	}
	return nil
}

func (p *principal) job(id string) *syncJob {
	for _, j := range p.jobs {
		if j.text("id") == id {
			return j
		}
	}
	return nil
}

// SetAssigned replaces who is assigned to a service principal, as an administrator would.
func (s *syncState) SetAssigned(servicePrincipal string, ids ...string) error {
	return s.changePrincipal(servicePrincipal, func(p *principal) error { p.assign(ids); return nil })
}

// SetSchema replaces the schema of a service principal's first job, unchecked and as it is.
func (s *syncState) SetSchema(servicePrincipal string, schema []byte) error {
	var m rawjson.Object
	if err := json.Unmarshal(schema, &m); err != nil || m == nil {
		return errNotJSON
	}
	return s.changePrincipal(servicePrincipal, func(p *principal) error {
		if len(p.jobs) == 0 {
			return fmt.Errorf("service principal %q has no job", servicePrincipal)
		}
		p.jobs[0].schema = m
		return nil
	})
}
