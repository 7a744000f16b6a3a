package jobs

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// Link is what a job knows of an object that it provisioned: once found, it isn't looked for again
// [expressions 5, D].
type Link struct {
	Kind     string // User, Group
	Target   string
	Exported map[string]any
	Members  []string // ids in the target, of a group
	Disabled bool     // or, in another tenant, deleted

	Fingerprint string // of what another tenant was given last
}

// CrossTenant says whether the job pushes into another tenant.
func (j *Job) CrossTenant() bool { return j.Text("templateId") == "Azure2Azure" }

// Secret is one of an application's, "" if it has none.
func (p *Principal) Secret(key string) string {
	for _, k := range p.Secrets {
		if k.Key == key {
			return k.Value
		}
	}
	return ""
}

// ObjectMapping is the mapping of a source object's type; nil if there is none that
// is enabled.
func (j *Job) ObjectMapping(source string) rawjson.Object {
	for _, rule := range rawjson.Objects(j.Schema["synchronizationRules"]) {
		for _, o := range rawjson.Objects(rule["objectMappings"]) {
			if strings.EqualFold(fmt.Sprint(o["sourceObjectName"]), source) && o["enabled"] != false {
				return o
			}
		}
	}
	return nil
}

// Never is the time of what didn't happen [graph 3.2, D].
const Never = "0001-01-01T00:00:00Z"

// NewJob is a job as the service makes it: off, with the template's schema [graph 3.2, D].
func (s *Registry) NewJob(t Template) *Job {
	id := t.ID + "." + strings.ReplaceAll(s.store.ID, "-", "") + "." + uuid.NewString()
	j := &Job{Pending: true, Body: rawjson.Object{
		"id": id, "templateId": t.ID,
		"schedule": rawjson.Object{"expiration": nil, "interval": "PT40M", "state": "Disabled"},
		"status": rawjson.Object{
			"countSuccessiveCompleteFailures":    0,
			"escrowsPruned":                      false,
			"code":                               "Paused",
			"lastExecution":                      nil,
			"lastSuccessfulExecution":            nil,
			"lastSuccessfulExecutionWithExports": nil,
			"quarantine":                         nil,
			"steadyStateFirstAchievedTime":       Never,
			"steadyStateLastAchievedTime":        Never,
			"troubleshootingUrl":                 nil,
			"progress":                           []any{},
			"synchronizedEntryCountByType":       []any{},
		},
		"synchronizationJobSettings": []any{
			rawjson.Object{"name": "AzureIngestionAttributeOptimization", "value": "False"},
			rawjson.Object{"name": "LookaheadQueryEnabled", "value": "False"},
		},
	}}
	j.reset(t)
	return j
}

// reset gives a job the schema of its template.
func (j *Job) reset(t Template) {
	j.Schema = t.Schema()
	j.Schema["id"] = j.Text("id")
}

// SaveSchema sets what the service sets, id and version, and begins an initial cycle [graph 3.5, D].
func (s *Registry) SaveSchema(j *Job, schema rawjson.Object) {
	j.revision++
	delete(schema, "@odata.context")
	schema["id"] = j.Text("id")
	schema["version"] = fmt.Sprintf(
		"v1.%d | Date:%s, ActivityId:%s", j.revision, s.clock.Now().Format(time.RFC3339Nano), uuid.NewString(),
	)
	j.Schema, j.Given = schema, nil
	s.saved(j)
}

// MatchingOf names the matching attributes of all object mappings, in one text.
func MatchingOf(schema rawjson.Object) string {
	out := ""
	for _, rule := range rawjson.Objects(schema["synchronizationRules"]) {
		for _, o := range rawjson.Objects(rule["objectMappings"]) {
			for _, m := range rawjson.Objects(o["attributeMappings"]) {
				if n, _ := m["matchingPriority"].(float64); n > 0 {
					source, _ := m["source"].(rawjson.Object)
					out += fmt.Sprint(
						o["targetObjectName"],
						" ",
						m["targetAttributeName"],
						" ",
						n,
						" ",
						source["expression"],
						"\n",
					)
				}
			}
		}
	}
	return out
}

// SetSecretToken is the SecretToken that the target of one service principal accepts.
func (s *Registry) SetSecretToken(servicePrincipal, token string) error {
	return s.changePrincipal(servicePrincipal, func(p *Principal) error { p.Token = token; return nil })
}

// changePrincipal is how the control plane changes an application.
func (s *Registry) changePrincipal(id string, change func(*Principal) error) error {
	s.store.Mu.Lock()
	defer s.store.Mu.Unlock()
	p := s.Find(id, true)
	if p == nil {
		return fmt.Errorf("no service principal %q", id)
	}
	return change(p)
}
