// Package policies is the cross-tenant access policy [graph 5].
package policies

import (
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// PolicyRoot is where the policy is.
const PolicyRoot = "/v1.0/policies/crossTenantAccessPolicy"

// Operations are those on the cross-tenant access policy, and the lookup of other tenants [graph 5].
func (s *Service) Operations() []graph.Operation {
	on := s.on
	const partners, partner = PolicyRoot + "/partners", PolicyRoot + "/partners/{id}"
	const sync, lookup = partner + "/identitySynchronization", "/v1.0/tenantRelationships/"
	list := []graph.Operation{
		graph.Get(PolicyRoot+"/default", graph.ReadPolicies, on(getDefaultPolicy)),
		graph.Get(partners, graph.ReadPolicies, on(listPartners)),
		graph.Post(partners, writePolicies, on(createPartner)),
		graph.Get(partner, graph.ReadPolicies, on(getPartner)),
		graph.Patch(partner, writePolicies, on(updatePartner)),
		graph.Delete(partner, writePolicies, on(deletePartner)),
		graph.Get(sync, graph.ReadPolicies, on(getSynchronization)),
		graph.Put(sync, writePolicies, on(putSynchronization)),
		graph.Patch(sync, writePolicies, on(updateSynchronization)),
		graph.Delete(sync, writePolicies, on(deleteSynchronization)),
		graph.Get(lookup+"findTenantInformationByDomainName/{domainName}", readTenants, on(findTenant)),
		graph.Get(lookup+"findTenantInformationByTenantId/{tenantId}", readTenants, on(findTenant)),
	}
	for what, r := range map[string]graph.Operation{
		"the cross-tenant access policy itself": graph.Get(PolicyRoot, graph.ReadPolicies, nil),
		"the policy":                            graph.Patch(PolicyRoot, writePolicies, nil),
		"the default policy's writes":           graph.Patch(PolicyRoot+"/default", writePolicies, nil),
		"resetting the default": graph.Post(
			PolicyRoot+"/default/resetToSystemDefault", writePolicies, nil,
		),
		"the templates":         graph.Get(PolicyRoot+"/templates/{name}", graph.ReadPolicies, nil),
		"the templates' writes": graph.Patch(PolicyRoot+"/templates/{name}", writePolicies, nil),
	} {
		r.Handle = func(c *graph.Call) *kernel.Response { return c.Fail(odata.NotBuilt(what)) }
		list = append(list, r)
	}
	return list
}

// checkPolicy turns a request into properties to set, with their members checked; now is what is changed.
func (c *call) checkPolicy(e *tenant.Entity, list []rawjson.Field, now *tenant.Object) (map[int]string, *odata.Error) {
	set, err := c.CheckProperties(e, list, nil)
	if err != nil {
		return nil, err
	}
	for i, raw := range set {
		p := e.Prop(i)
		if p.Kind != tenant.KindObject {
			continue
		}
		if err := checkPolicyValue(PropertyTypes[p.Name], raw); err != nil {
			return nil, err
		}
		if now != nil && !c.srv.Behavior.PolicyPatchReplaces {
			raw = mergePolicyValue(PropertyTypes[p.Name], now.Value(p.Name), raw)
		}
		if set[i] = raw; p.Zero != "null" { // null re-inherits; an object of nulls says so here
			set[i] = mergePolicyValue(PropertyTypes[p.Name], p.Zero, raw)
		}
		if raw == "null" {
			set[i] = p.Zero
		}
	}
	return set, nil
}

// takeTenantID is the tenantId of a POST, and what else it holds.
func takeTenantID(list []rawjson.Field) (id string, rest []rawjson.Field, err *odata.Error) {
	for _, f := range list {
		if f.Name == "tenantId" {
			id = rawjson.Unquote(f.Raw)
			continue
		}
		rest = append(rest, f)
	}
	if _, bad := uuid.Parse(id); bad != nil || len(id) != 36 {
		e := odata.Invalid(
			"Invalid value specified for property 'tenantId' of resource " +
				"'CrossTenantAccessPolicyConfigurationPartner'.",
		)
		return "", nil, &e
	}
	return strings.ToLower(id), rest, nil
}

// createPartner answers the whole partner, and 409 where there is one [graph 5, D]. That a tenant
// can't be a partner of itself is [?].
func createPartner(c *call) *kernel.Response {
	list, a := c.BodyFields()
	if a != nil {
		return a
	}
	st := c.srv.Store
	id, list, err := takeTenantID(list)
	if err != nil {
		return c.Fail(*err)
	}
	set, err := c.checkPolicy(st.PartnerType, list, nil)
	if err != nil {
		return c.Fail(*err)
	}
	if strings.EqualFold(id, c.srv.Store.ID) {
		return c.Fail(
			odata.Invalid(
				"Invalid value specified for property 'tenantId' of resource " +
					"'CrossTenantAccessPolicyConfigurationPartner'.",
			),
		)
	}
	st.Mu.Lock()
	defer st.Mu.Unlock()
	if st.Partners.Get(id) != nil {
		return c.Fail(odata.Conflict(http.StatusConflict, "tenantId"))
	}
	o := (&tenant.Object{Entity: st.PartnerType, ID: id}).With(set)
	st.Partners.Write(id, o, c.Lag())
	return c.AnswerObject(http.StatusCreated, o, st.PartnerType.Set, nil).With(
		"Location", c.Base+PolicyRoot+"/partners('"+id+"')",
	)
}

// changePolicy is a PATCH of what is in a collection.
func (c *call) changePolicy(in *tenant.Collection) *kernel.Response {
	list, a := c.BodyFields()
	if a != nil {
		return a
	}
	st := c.srv.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	now := in.Get(c.Param(0))
	if now == nil {
		return c.Fail(errNoPolicy)
	}
	set, err := c.checkPolicy(in.Entity, list, now)
	if err != nil {
		return c.Fail(*err)
	}
	in.Write(now.ID, now.With(set), c.Lag())
	return kernel.NoContent()
}

func updatePartner(c *call) *kernel.Response { return c.changePolicy(&c.srv.Store.Partners) }

func updateSynchronization(c *call) *kernel.Response { return c.changePolicy(&c.srv.Store.Syncs) }

// deletePartner wants the synchronization deleted first
// (learn.microsoft.com/graph/api/crosstenantaccesspolicyconfigurationpartner-delete [D]; the answer is [?]).
func deletePartner(c *call) *kernel.Response {
	st := c.srv.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	switch id := c.Param(0); {
	case st.Partners.Get(id) == nil:
		return c.Fail(errNoPolicy)
	case st.Syncs.Get(id) != nil:
		return c.Fail(
			odata.Invalid("The partner-specific configuration has a user synchronization policy, which must be " +
				"deleted first."),
		)
	default:
		st.Partners.Write(id, nil, c.Lag())
	}
	return kernel.NoContent()
}

// putSynchronization creates, and never replaces [graph 5, D].
func putSynchronization(c *call) *kernel.Response {
	list, a := c.BodyFields()
	if a != nil {
		return a
	}
	st := c.srv.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	partner := st.Partners.Get(c.Param(0))
	if partner == nil {
		return c.Fail(errNoPolicy)
	}
	set, err := c.checkPolicy(st.SyncType, list, nil)
	if err != nil {
		return c.Fail(*err)
	}
	if st.Syncs.Get(partner.ID) != nil {
		return c.Fail(odata.Conflict(http.StatusConflict, "tenantId"))
	}
	st.Syncs.Write(partner.ID, (&tenant.Object{Entity: st.SyncType, ID: partner.ID}).With(set), c.Lag())
	return kernel.NoContent()
}

func deleteSynchronization(c *call) *kernel.Response {
	st := c.srv.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	if st.Syncs.Get(c.Param(0)) == nil {
		return c.Fail(errNoPolicy)
	}
	st.Syncs.Write(c.Param(0), nil, c.Lag())
	return kernel.NoContent()
}

// getDefaultPolicy is the service's default [graph 5, D]; changing it isn't built.
func getDefaultPolicy(c *call) *kernel.Response {
	setting := func(access string) rawjson.Object {
		side := func(target, kind string) rawjson.Object {
			return rawjson.Object{
				"accessType": access,
				"targets":    []any{rawjson.Object{"target": target, "targetType": kind}},
			}
		}
		return rawjson.Object{
			"usersAndGroups": side("AllUsers", "user"), "applications": side("AllApplications", "application"),
		}
	}
	return c.Encode(http.StatusOK, rawjson.Object{
		"@odata.context": c.Root() + "/$metadata#policies/crossTenantAccessPolicy/default/$entity", "id": "default",
		"isServiceDefault": true,
		"inboundTrust": rawjson.Object{
			"isMfaAccepted": false, "isCompliantDeviceAccepted": false, "isHybridAzureADJoinedDeviceAccepted": false,
		},
		"b2bCollaborationOutbound": setting("allowed"), "b2bCollaborationInbound": setting("allowed"),
		"b2bDirectConnectOutbound": setting("blocked"), "b2bDirectConnectInbound": setting("blocked"),
		"automaticUserConsentSettings": rawjson.Object{"inboundAllowed": false, "outboundAllowed": false},
	})
}

func listPartners(c *call) *kernel.Response { return c.ListCollection(&c.srv.Store.Partners) }

// errNoPolicy is the answer for a partner that isn't there; the status is assumed [graph 5, ?].
var errNoPolicy = odata.Error{
	Status: http.StatusNotFound, Code: "Directory_ObjectNotFound",
	Message: "Unable to read the company information from the directory.",
}

func getPartner(c *call) *kernel.Response {
	return c.GetFrom(&c.srv.Store.Partners, errNoPolicy)
}

func getSynchronization(c *call) *kernel.Response {
	selected, a := c.SelectOne(c.srv.Store.SyncType)
	if a != nil {
		return a
	}
	st := c.srv.Store
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	o := st.Syncs.View(c.Param(0), c.Tick)
	if o == nil {
		return c.Fail(errNoPolicy)
	}
	r := odata.NewRenderer(selected, 512)
	r.Object(o, odata.Plain)
	context := c.Root() + "/$metadata#policies/crossTenantAccessPolicy/partners('" + o.ID +
		"')/identitySynchronization/$entity"
	return c.JSON(http.StatusOK, append([]byte(`{"@odata.context":`+rawjson.Quote(context)+","), r.Buf[1:]...))
}

var (
	writePolicies = []string{"Policy.ReadWrite.CrossTenantAccess"}
	readTenants   = []string{"CrossTenantInformation.ReadBasic.All"}
)

// findTenant is the lookup by a verified domain, or by the id [graph 1.6, M]; the answer for one that
// nobody has is [?].
func findTenant(c *call) *kernel.Response {
	byID := strings.Contains(c.Route.Template, "ByTenantId")
	for _, t := range c.srv.Others.List() {
		if byID && strings.EqualFold(
			t.TenantID, c.Param(0),
		) || !byID && slices.ContainsFunc(t.Domains, func(d string) bool { return strings.EqualFold(d, c.Param(0)) }) {
			var brand any
			if t.FederationBrandName != "" {
				brand = t.FederationBrandName
			}
			return c.Encode(http.StatusOK, rawjson.Object{
				"@odata.context": c.Root() + "/$metadata#microsoft.graph.tenantInformation",
				"tenantId":       t.TenantID, "federationBrandName": brand, "displayName": t.DisplayName,
				"defaultDomainName": t.DefaultDomainName,
			})
		}
	}
	return c.Fail(odata.NotFound(c.Param(0)))
}

// Service is the cross-tenant access policy.
type Service struct {
	*graph.Service
	Others *tenant.Others
}

// call is a request for the policy.
type call struct {
	*graph.Call
	srv *Service
}

func (s *Service) on(h func(*call) *kernel.Response) func(*graph.Call) *kernel.Response {
	return func(c *graph.Call) *kernel.Response { return h(&call{c, s}) }
}
