package simulator

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// link is what a job knows of an object that it provisioned: once found, it isn't looked for again
// [expressions 5, D].
type link struct {
	kind     string // User, Group
	target   string
	exported map[string]any
	members  []string // ids in the target, of a group
	disabled bool     // or, in another tenant, deleted

	fingerprint string // of what another tenant was given last
}

func (j *syncJob) crossTenant() bool { return j.text("templateId") == "Azure2Azure" }

// secret is one of an application's, "" if it has none.
func (p *principal) secret(key string) string {
	for _, k := range p.secrets {
		if k.Key == key {
			return k.Value
		}
	}
	return ""
}

// objectMappingFor is the mapping of a source object's type; nil if there is none that
// is enabled.
func (j *syncJob) objectMappingFor(source string) rawjson.Object {
	for _, rule := range rawjson.Objects(j.schema["synchronizationRules"]) {
		for _, o := range rawjson.Objects(rule["objectMappings"]) {
			if strings.EqualFold(fmt.Sprint(o["sourceObjectName"]), source) && o["enabled"] != false {
				return o
			}
		}
	}
	return nil
}

// neverYet is the time of what didn't happen [graph 3.2, D].
const neverYet = "0001-01-01T00:00:00Z"

// newJob is a job as the service makes it: off, with the template's schema [graph 3.2, D].
func (s *syncState) newJob(t syncTemplate) *syncJob {
	id := t.id + "." + strings.ReplaceAll(s.store.ID, "-", "") + "." + uuid.NewString()
	j := &syncJob{pending: true, body: rawjson.Object{
		"id": id, "templateId": t.id,
		"schedule": rawjson.Object{"expiration": nil, "interval": "PT40M", "state": "Disabled"},
		"status": rawjson.Object{
			"countSuccessiveCompleteFailures": 0, "escrowsPruned": false, "code": "Paused",
			"lastExecution": nil, "lastSuccessfulExecution": nil, "lastSuccessfulExecutionWithExports": nil, "quarantine": nil,
			"steadyStateFirstAchievedTime": neverYet, "steadyStateLastAchievedTime": neverYet,
			"troubleshootingUrl": nil, "progress": []any{}, "synchronizedEntryCountByType": []any{},
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
func (j *syncJob) reset(t syncTemplate) {
	j.schema = t.schema()
	j.schema["id"] = j.text("id")
}

// saveSchema sets what the service sets, id and version, and begins an initial cycle [graph 3.5, D].
func (s *syncState) saveSchema(j *syncJob, schema rawjson.Object) {
	j.revision++
	delete(schema, "@odata.context")
	schema["id"] = j.text("id")
	schema["version"] = fmt.Sprintf("v1.%d | Date:%s, ActivityId:%s", j.revision, s.clock.Now().Format(time.RFC3339Nano), uuid.NewString())
	j.schema = schema
	s.saved(j)
}

// matchingOf names the matching attributes of all object mappings, in one text.
func matchingOf(schema rawjson.Object) string {
	out := ""
	for _, rule := range rawjson.Objects(schema["synchronizationRules"]) {
		for _, o := range rawjson.Objects(rule["objectMappings"]) {
			for _, m := range rawjson.Objects(o["attributeMappings"]) {
				if n, _ := m["matchingPriority"].(float64); n > 0 {
					source, _ := m["source"].(rawjson.Object)
					out += fmt.Sprint(o["targetObjectName"], " ", m["targetAttributeName"], " ", n, " ", source["expression"], "\n")
				}
			}
		}
	}
	return out
}

// SetSecretToken is the SecretToken that the target of one service principal accepts.
func (s *syncState) SetSecretToken(servicePrincipal, token string) error {
	return s.changePrincipal(servicePrincipal, func(p *principal) error { p.token = token; return nil })
}

// changePrincipal is how the control plane changes an application.
func (s *syncState) changePrincipal(id string, change func(*principal) error) error {
	s.store.Mu.Lock()
	defer s.store.Mu.Unlock()
	p := s.find(id, true)
	if p == nil {
		return fmt.Errorf("no service principal %q", id)
	}
	return change(p)
}
