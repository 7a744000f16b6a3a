package simulator

import (
	"encoding/json"
	"net/http"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

const batchTemplate = "/v1.0/$batch"

// tenantRoutes is what belongs to the tenant as a whole [graph 4], [graph 5], [graph 6].
func tenantRoutes() []route {
	return []route{
		post(batchTemplate, nil, batch),
		get("/v1.0/organization", readTenant, listOrganization),
	}
}

// listSmall answers a whole collection that isn't paged. Of the options it takes $select; the pages
// show no others for domains and partners.
func (c *call) listSmall(set *collection, options ...string) *answer {
	if a := c.unknownOptions(append(options, "$select", "$expand", "$format", "$top")); a != nil {
		return a
	}
	selected, err := c.selected(set.ent)
	if err != nil {
		return c.fail(*err)
	}
	c.srv.store.mu.RLock()
	defer c.srv.store.mu.RUnlock()
	all := set.seen(c.tick)
	p := page{context: c.context(set.ent.set, selected), count: -1, room: len(all)}
	p.members = func(r *renderer) {
		for _, o := range all {
			r.object(o, plain)
			r.buf = append(r.buf, ',')
		}
	}
	return c.answerPage(p, selected)
}

// getSmall answers one object of such a collection.
func (c *call) getSmall(set *collection, missing graphError) *answer {
	selected, a := c.single(set.ent)
	if a != nil {
		return a
	}
	c.srv.store.mu.RLock()
	defer c.srv.store.mu.RUnlock()
	o := set.view(c.param(0), c.tick)
	if o == nil {
		return c.fail(missing)
	}
	return c.one(http.StatusOK, o, set.ent.set, selected)
}

func listDomains(c *call) *answer { return c.listSmall(&c.srv.store.domains) }

func getDomain(c *call) *answer { return c.getSmall(&c.srv.store.domains, notFound(c.param(0))) }

func listPartners(c *call) *answer { return c.listSmall(&c.srv.store.partners) }

// errNoPolicy is the answer for a partner that isn't there; the status is assumed [graph 5, ?].
var errNoPolicy = graphError{
	status: http.StatusNotFound, code: "Directory_ObjectNotFound",
	message: "Unable to read the company information from the directory.",
}

func getPartner(c *call) *answer { return c.getSmall(&c.srv.store.partners, errNoPolicy) }

func getSynchronization(c *call) *answer {
	selected, a := c.single(c.srv.store.sync)
	if a != nil {
		return a
	}
	st := c.srv.store
	st.mu.RLock()
	defer st.mu.RUnlock()
	o := st.syncs.view(c.param(0), c.tick)
	if o == nil {
		return c.fail(errNoPolicy)
	}
	r := newRenderer(selected, 512)
	r.object(o, plain)
	context := c.base + "/v1.0/$metadata#policies/crossTenantAccessPolicy/partners('" + o.id + "')/identitySynchronization/$entity"
	return c.json(http.StatusOK, append([]byte(`{"@odata.context":`+rawjson.Quote(context)+","), r.buf[1:]...))
}

// listOrganization is the tenant itself, as far as the snapshot tells: its id and verified domains.
func listOrganization(c *call) *answer {
	st := c.srv.store
	st.mu.RLock()
	defer st.mu.RUnlock()
	type verifiedDomain struct {
		Capabilities string `json:"capabilities"`
		IsDefault    bool   `json:"isDefault"`
		IsInitial    bool   `json:"isInitial"`
		Name         string `json:"name"`
		Type         string `json:"type"`
	}
	verified := []verifiedDomain{}
	for _, d := range st.domains.all() {
		if d.value("isVerified") == "true" {
			verified = append(verified, verifiedDomain{
				Capabilities: "Email, OfficeCommunicationsOnline", Name: d.id, Type: d.text("authenticationType"),
				IsDefault: d.value("isDefault") == "true", IsInitial: d.value("isInitial") == "true",
			})
		}
	}
	return c.encode(http.StatusOK, map[string]any{
		"@odata.context": c.context("organization", nil),
		"value": []any{map[string]any{
			"id": c.srv.tenantID, "deletedDateTime": nil, "displayName": "Simulated tenant", "tenantType": "AAD",
			"businessPhones": []string{}, "onPremisesSyncEnabled": nil, "verifiedDomains": verified,
		}},
	})
}

// The parts of a $batch [graph 6].
type batchBody struct {
	Requests []batchItem `json:"requests"`
}

type batchItem struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
	DependsOn []string          `json:"dependsOn"`
}

type batchAnswer struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
}
