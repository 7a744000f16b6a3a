// Package domains is the tenant's domains [graph 4].
package domains

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/dns"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// DomainRoot is where domains are.
const DomainRoot = "/v1.0/domains"

// Operations are those on the tenant's domains [graph 4].
func (s *Service) Operations() []graph.Operation {
	on := s.on
	const one = DomainRoot + "/{id}"
	const references = one + "/domainNameReferences"
	refuse := func(what string) func(*graph.Call) *kernel.Response {
		return func(c *graph.Call) *kernel.Response { return c.Fail(odata.NotBuilt(what)) }
	}
	return []graph.Operation{
		graph.Get(DomainRoot, graph.ReadDomains, on(listDomains)),
		graph.Post(DomainRoot, graph.WriteDomains, on(createDomain)),
		graph.Get(one, graph.ReadDomains, on(getDomain)),
		graph.Patch(one, graph.WriteDomains, on(updateDomain)),
		graph.Delete(one, graph.WriteDomains, on(deleteDomain)),
		graph.Post(one+"/verify", graph.WriteDomains, on(verifyDomain)),
		graph.Get(one+"/verificationDnsRecords", graph.ReadDomains, on(listVerificationRecords)),
		graph.Get(one+"/serviceConfigurationRecords", graph.ReadDomains, on(listServiceRecords)),
		graph.Get(references, graph.ReadDomains, on(listDomainReferences)),
		graph.Get(references+"/microsoft.graph.user", graph.ReadDomains, on(listDomainReferences)),
		graph.Get(references+"/microsoft.graph.group", graph.ReadDomains, on(listDomainReferences)),
		graph.Post(one+"/forceDelete", graph.WriteDomains, refuse("forceDelete of a domain")),
		graph.Post(one+"/promote", graph.WriteDomains, refuse("promoting a sub-domain")),
		graph.Get(one+"/rootDomain", graph.ReadDomains, refuse("rootDomain")),
		graph.Get(one+"/federationConfiguration", graph.ReadDomains, refuse("federation of a domain")),
	}
}

// takeDomainID is the id of a POST, the only property that it may hold [graph 4, D].
func takeDomainID(list []rawjson.Field) (string, *odata.Error) {
	id := ""
	for _, f := range list {
		switch {
		case f.Name == "id":
			id = strings.ToLower(rawjson.Unquote(f.Raw))
		case graph.WriteOnly[f.Name]:
		default:
			err := odata.Invalid("Property '%s' is read-only and cannot be set.", f.Name)
			return "", &err
		}
	}
	if len(id) > 253 || !naming.DomainName.MatchString(id) {
		err := odata.Invalid("Invalid value specified for property 'id' of resource 'Domain'.")
		return "", &err
	}
	return id, nil
}

func createDomain(c *call) *kernel.Response {
	list, a := c.BodyFields()
	if a != nil {
		return a
	}
	id, err := takeDomainID(list)
	if err != nil {
		return c.Fail(*err)
	}
	st := c.srv.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	if st.Domains.Get(id) != nil {
		return c.Fail(odata.Conflict(c.srv.Behavior.DomainConflict, "id"))
	}
	root, verified, kind := len(st.ParentDomains(id)) == 0 && !c.srv.Behavior.UnverifiedNotRoot, "false", `"Managed"`
	if parent := st.VerifiedParent(id); parent != nil { // proven by its parent, and signs in as that does
		verified, kind = "true", parent.Value("authenticationType")
	}
	o := (&tenant.Object{Entity: st.DomainType, ID: id}).With(map[int]string{
		st.DomainType.Index("authenticationType"): kind, st.DomainType.Index("isRoot"): strconv.FormatBool(root),
		st.DomainType.Index("isVerified"):     verified,
		st.DomainType.Index("isAdminManaged"): "true", st.DomainType.Index("isDefault"): "false",
		st.DomainType.Index("isInitial"): "false",
	})
	st.Domains.Write(id, o, c.Lag())
	return c.AnswerObject(http.StatusCreated, o, "domains", nil).With("Location", c.Base+DomainRoot+"/"+id)
}

// updateDomain takes isDefault (true alone), supportedServices and the days of the password policy
// [graph 4, D]; the words of the refusals are [?].
func updateDomain(c *call) *kernel.Response {
	list, a := c.BodyFields()
	if a != nil {
		return a
	}
	st := c.srv.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	now := st.Domains.Get(c.Param(0))
	if now == nil {
		return c.Fail(odata.NotFound(c.Param(0)))
	}
	set, err := c.CheckProperties(st.DomainType, list, nil)
	if err != nil {
		return c.Fail(*err)
	}
	isDefault := st.DomainType.Index("isDefault")
	switch usable := now.Value("isVerified") == "true" && now.Text("authenticationType") == "Managed"; {
	case set[isDefault] == "":
	case set[isDefault] != "true":
		return c.Fail(odata.Invalid("Property 'isDefault' can only be set to true; make another domain the default."))
	case !usable:
		return c.Fail(odata.Invalid("Only a verified domain that isn't federated can be the default domain."))
	default:
		for _, d := range st.Domains.All() {
			if d.ID != now.ID && d.Value("isDefault") == "true" {
				st.Domains.Write(d.ID, d.With(map[int]string{isDefault: "false"}), c.Lag())
			}
		}
	}
	st.Domains.Write(now.ID, now.With(set), c.Lag())
	return kernel.NoContent()
}

// deleteDomain, which sees what is written though readers don't yet, refuses the initial and the default domain, and
// one that something refers to, with a hint to
// forceDelete ([graph 4, D]; the words are [?]).
func deleteDomain(c *call) *kernel.Response {
	st := c.srv.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	now := st.Domains.Get(c.Param(0))
	switch {
	case now == nil:
		return c.Fail(odata.NotFound(c.Param(0)))
	case now.Value("isInitial") == "true":
		return c.Fail(odata.Invalid("The initial domain '%s' cannot be deleted.", now.ID))
	case now.Value("isDefault") == "true":
		return c.Fail(
			odata.Invalid("The default domain '%s' cannot be deleted. Make another domain the default first.", now.ID),
		)
	case len(st.DomainReferences(now.ID, math.MaxInt64)) > 0:
		return c.Fail(
			odata.Invalid(
				"The domain '%s' is referenced by objects of the directory. Remove the references, or use "+
					"https://learn.microsoft.com/graph/api/domain-forcedelete.",
				now.ID,
			),
		)
	}
	below := slices.ContainsFunc(
		st.Domains.Keys, func(k string) bool { return strings.HasSuffix(k, "."+strings.ToLower(now.ID)) },
	)
	if below && !c.srv.Behavior.SubdomainsDontBlock {
		return c.Fail(odata.Invalid("The domain '%s' has sub-domains, which must be deleted first.", now.ID))
	}
	st.Domains.Write(now.ID, nil, c.Lag())
	return kernel.NoContent()
}

// VerifyFailed begins every refusal for want of proof; scripts look for these words [graph 4, F].
const VerifyFailed = "Domain verification failed with the following error: "

// verifyDomain looks for the proof first, and only then whether another tenant has the domain: that is the
// order of the portal's messages [F]. What Graph says of another tenant is [?]; the words are those that
// Confirm-MsolDomain had [F].
func verifyDomain(c *call) *kernel.Response {
	elsewhere := c.srv.Others.VerifiedElsewhere(c.Param(0)) // locks other stores
	proven := c.srv.DNS.HasTXT(
		c.Param(0), c.srv.Store.VerificationText(c.Param(0)),
	) || c.srv.DNS.HasMX(c.Param(0), c.srv.Store.VerificationHost(c.Param(0)))
	st := c.srv.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	now := st.Domains.Get(c.Param(0))
	switch {
	case now == nil:
		return c.Fail(odata.NotFound(c.Param(0)))
	case now.Value("isVerified") == "true":
		return c.Fail(odata.Invalid("Domain is already verified."))
	case !proven:
		return c.Fail(odata.Invalid(VerifyFailed+"'The expected DNS record of the domain %s was not found.'", now.ID))
	case elsewhere:
		return c.Fail(
			odata.Invalid(
				VerifyFailed+"'Unable to verify the domain %s because it is used elsewhere. Remove the verified "+
					"domain from the other organization first.'",
				now.ID,
			),
		)
	}
	next := now.With(map[int]string{
		st.DomainType.Index("isVerified"): "true",
		st.DomainType.Index("isRoot"):     strconv.FormatBool(st.VerifiedParent(strings.ToLower(now.ID)) == nil),
	})
	st.Domains.Write(now.ID, next, c.Lag())
	// Null but in this one answer [graph 4, D].
	shown := next.With(map[int]string{st.DomainType.Index("availabilityStatus"): `"AvailableImmediately"`})
	return c.AnswerObject(http.StatusOK, shown, "domains", nil)
}

func listDomains(c *call) *kernel.Response { return c.ListCollection(&c.srv.Store.Domains) }

func getDomain(c *call) *kernel.Response {
	return c.GetFrom(&c.srv.Store.Domains, odata.NotFound(c.Param(0)))
}

// Service is the tenant's domains.
type Service struct {
	*graph.Service
	DNS    *dns.Zone
	Others *tenant.Others
}

// call is a request for domains.
type call struct {
	*graph.Call
	srv *Service
}

func (s *Service) on(h func(*call) *kernel.Response) func(*graph.Call) *kernel.Response {
	return func(c *graph.Call) *kernel.Response { return h(&call{c, s}) }
}
