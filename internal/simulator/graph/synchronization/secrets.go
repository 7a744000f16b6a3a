package synchronization

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/provisioning"
)

// SecretKeys are the keys that there are, of the metadata's synchronizationSecret [M]; those before
// the bar are never given back.
const SecretKeys = `Password SecretToken AppKey ClientSecret ConsumerSecret TokenKey Oauth2AccessToken
 Oauth2RefreshToken Oauth2ClientSecret Oauth2AuthorizationCode SyncAgentCompatibilityKey ConnectionString | None
 UserName BaseAddress ClientIdentifier SingleSignOnType Sandbox Url Domain ConsumerKey TokenExpiration
 Oauth2AccessTokenCreationTime SyncAll InstanceName Oauth2ClientId CompanyId UpdateKeyOnSoftDelete
 SynchronizationSchedule SystemOfRecord SandboxName EnforceDomain SyncNotificationSettings SkipOutOfScopeDeletions
 Oauth2RedirectUri ApplicationTemplateIdentifier Oauth2TokenExchangeUri Oauth2AuthorizationUri AuthenticationType Server
 PerformInboundEntitlementGrants HardDeletesEnabled SyncAgentADContainer ValidateDomain TestReferences`

func isSecret(key string) bool {
	hidden, _, _ := strings.Cut(SecretKeys, "|")
	return slices.Contains(strings.Fields(hidden), key)
}

// pairs reads {"value":[{key,value}]} or the like: each key known and there once.
func (c *call) pairs(raw json.RawMessage) ([]jobs.KeyValue, *kernel.Response) {
	var list []struct {
		Key   *string `json:"key"`
		Value *string `json:"value"`
	}
	if err := json.Unmarshal(raw, &list); err != nil || list == nil {
		return nil, c.Fail(odata.BadRequest("BadRequest", kernel.UnreadableBody))
	}
	out := []jobs.KeyValue{}
	for _, p := range list {
		if p.Key == nil || *p.Key == "|" || !slices.Contains(strings.Fields(SecretKeys), *p.Key) {
			return nil, c.Fail(
				odata.BadRequest("BadRequest", fmt.Sprintf("Requested value '%s' was not found.", textOf(p.Key))),
			)
		}
		if slices.ContainsFunc(out, func(k jobs.KeyValue) bool { return k.Key == *p.Key }) {
			return nil, c.refuseSync("InvalidRequest", "The key '"+*p.Key+"' is there more than once.")
		}
		out = append(out, jobs.KeyValue{Key: *p.Key, Value: textOf(p.Value)})
	}
	return out, nil
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// putSecrets replaces all secrets; whether those that the request lacks survive is [?] [graph 3.4].
func putSecrets(c *call) *kernel.Response {
	list, refusal := c.BodyFields()
	if refusal != nil {
		return refusal
	}
	var pairs []jobs.KeyValue
	found := false
	for _, f := range list {
		switch {
		case f.Name == "value":
			found = true
			if pairs, refusal = c.pairs([]byte(f.Raw)); refusal != nil {
				return refusal
			}
		case !strings.HasPrefix(f.Name, "@odata."):
			return c.Fail(odata.BadRequest("BadRequest", "The property '"+f.Name+"' does not exist on the type of "+
				"the request."))
		}
	}
	if !found {
		return c.Fail(odata.BadRequest("BadRequest", "The property 'value' is missing."))
	}
	c.srv.Store.Mu.Lock()
	defer c.srv.Store.Mu.Unlock()
	p, refusal := c.principal()
	if refusal != nil {
		return refusal
	}
	if c.srv.Behavior.SecretsSurvive {
		for _, old := range p.Secrets {
			if !slices.ContainsFunc(pairs, func(k jobs.KeyValue) bool { return k.Key == old.Key }) {
				pairs = append(pairs, old)
			}
		}
	}
	p.Secrets = slices.DeleteFunc(pairs, func(k jobs.KeyValue) bool { return k.Value == "" }) // [graph 3.4, F]
	return kernel.NoContent()
}

// listSecrets gives the keys; what stands in the place of a secret is [?] [graph 3.4, F].
func listSecrets(c *call) *kernel.Response {
	c.srv.Store.Mu.RLock()
	defer c.srv.Store.Mu.RUnlock()
	p, refusal := c.principal()
	if refusal != nil {
		return refusal
	}
	value := []any{}
	for _, k := range p.Secrets {
		switch hidden := c.srv.Behavior.MaskAllSecrets || isSecret(k.Key); {
		case hidden && c.srv.Behavior.SecretsWithoutValue:
			value = append(value, map[string]string{"key": k.Key})
			continue
		case hidden:
			k.Value = c.srv.Behavior.SecretMask
		}
		value = append(value, k)
	}
	return c.Encode(http.StatusOK, map[string]any{"@odata.context": c.metadata(p, "secrets"), "value": value})
}

// validateCredentials answers 204 for what the target accepts ([graph 3.4]; the envelope of a failure
// is [?]). It stands on the collection of jobs, with the template's id, and on a job.
func validateCredentials(c *call) *kernel.Response {
	in := struct {
		ApplicationIdentifier *string         `json:"applicationIdentifier"`
		TemplateID            *string         `json:"templateId"`
		UseSavedCredentials   bool            `json:"useSavedCredentials"`
		Credentials           json.RawMessage `json:"credentials"`
	}{}
	if _, refusal := c.BodyFields(); refusal != nil {
		return refusal
	}
	if err := c.Decode(&in); err != nil {
		return c.Fail(odata.BadRequest("BadRequest", err.Error()))
	}
	var pairs []jobs.KeyValue
	if in.Credentials != nil && string(in.Credentials) != "null" {
		var refusal *kernel.Response
		if pairs, refusal = c.pairs(in.Credentials); refusal != nil {
			return refusal
		}
	}
	into, refusal := c.validate(textOf(in.TemplateID), in.UseSavedCredentials, pairs)
	if refusal != nil {
		return refusal
	}
	if into != nil { // the other tenant's part, which takes its mutex
		if err := into.Check(); err != nil {
			return c.refuseSync(provisioning.CodeOf(err), err.Error())
		}
	}
	return kernel.NoContent()
}

// validate is the part of validateCredentials that this tenant can tell; into is the linked tenant that has a
// part, too.
func (c *call) validate(
	template string, saved bool, pairs []jobs.KeyValue,
) (into *provisioning.CrossTarget, refusal *kernel.Response) {
	c.srv.Store.Mu.Lock()
	defer c.srv.Store.Mu.Unlock()
	p, refusal := c.principal()
	if refusal != nil {
		return nil, refusal
	}
	if len(c.Params) > 1 {
		_, j, refusal := c.job()
		if refusal != nil {
			return nil, refusal
		}
		template = j.Text("templateId")
	}
	if saved {
		pairs = p.Secrets
	}
	t, ok := p.Template(template)
	if !ok && len(c.Params) < 2 {
		return nil, c.refuseSync("InvalidTemplate", "The template '"+template+"' was not found for the service "+
			"principal.")
	}
	if code, message := c.srv.Engine.CheckCredentials(p, t.ID, pairs); code != "" {
		return nil, c.refuseSync(code, message)
	}
	if t.ID == "Azure2Azure" {
		into = c.srv.Engine.CrossTarget(&jobs.Principal{Secrets: pairs})
	}
	return into, nil
}
