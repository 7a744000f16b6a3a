package simulator

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

const domainRoot = "/v1.0/domains"

// domainRoutes is the tenant's domains [graph 4].
func (s *domainService) domainOperations() []operation {
	on := s.on
	const one = domainRoot + "/{id}"
	const references = one + "/domainNameReferences"
	refuse := func(what string) func(*graphCall) *kernel.Response {
		return func(c *graphCall) *kernel.Response { return c.fail(odata.NotBuilt(what)) }
	}
	return []operation{
		get(domainRoot, readDomains, on(listDomains)),
		post(domainRoot, writeDomains, on(createDomain)),
		get(one, readDomains, on(getDomain)),
		patch(one, writeDomains, on(updateDomain)),
		del(one, writeDomains, on(deleteDomain)),
		post(one+"/verify", writeDomains, on(verifyDomain)),
		get(one+"/verificationDnsRecords", readDomains, on(listVerificationRecords)),
		get(one+"/serviceConfigurationRecords", readDomains, on(listServiceRecords)),
		get(references, readDomains, on(listDomainReferences)),
		get(references+"/microsoft.graph.user", readDomains, on(listDomainReferences)),
		get(references+"/microsoft.graph.group", readDomains, on(listDomainReferences)),
		post(one+"/forceDelete", writeDomains, refuse("forceDelete of a domain")),
		post(one+"/promote", writeDomains, refuse("promoting a sub-domain")),
		get(one+"/rootDomain", readDomains, refuse("rootDomain")),
		get(one+"/federationConfiguration", readDomains, refuse("federation of a domain")),
	}
}

// takeDomainID is the id of a POST, the only property that it may hold [graph 4, D].
func takeDomainID(list []rawjson.Field) (string, *odata.Error) {
	id := ""
	for _, f := range list {
		switch {
		case f.Name == "id":
			id = strings.ToLower(rawjson.Unquote(f.Raw))
		case writeOnly[f.Name]:
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

func createDomain(c *domainCall) *kernel.Response {
	list, a := c.object()
	if a != nil {
		return a
	}
	id, err := takeDomainID(list)
	if err != nil {
		return c.fail(*err)
	}
	st := c.srv.store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	if st.Domains.Get(id) != nil {
		return c.fail(odata.Conflict(c.srv.behavior.DomainConflict, "id"))
	}
	root, verified, kind := len(st.ParentDomains(id)) == 0 && !c.srv.behavior.UnverifiedNotRoot, "false", `"Managed"`
	if parent := st.VerifiedParent(id); parent != nil { // proven by its parent, and signs in as that does
		verified, kind = "true", parent.Value("authenticationType")
	}
	o := (&tenant.Object{Entity: st.DomainType, ID: id}).With(map[int]string{
		st.DomainType.Index("authenticationType"): kind, st.DomainType.Index("isRoot"): strconv.FormatBool(root), st.DomainType.Index("isVerified"): verified,
		st.DomainType.Index("isAdminManaged"): "true", st.DomainType.Index("isDefault"): "false", st.DomainType.Index("isInitial"): "false",
	})
	st.Domains.Write(id, o, c.lag())
	return c.one(http.StatusCreated, o, "domains", nil).With("Location", c.Base+domainRoot+"/"+id)
}

// updateDomain takes isDefault (true alone), supportedServices and the days of the password policy
// [graph 4, D]; the words of the refusals are [?].
func updateDomain(c *domainCall) *kernel.Response {
	list, a := c.object()
	if a != nil {
		return a
	}
	st := c.srv.store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	now := st.Domains.Get(c.Param(0))
	if now == nil {
		return c.fail(odata.NotFound(c.Param(0)))
	}
	set, err := c.check(st.DomainType, list, nil)
	if err != nil {
		return c.fail(*err)
	}
	isDefault := st.DomainType.Index("isDefault")
	switch usable := now.Value("isVerified") == "true" && now.Text("authenticationType") == "Managed"; {
	case set[isDefault] == "":
	case set[isDefault] != "true":
		return c.fail(odata.Invalid("Property 'isDefault' can only be set to true; make another domain the default."))
	case !usable:
		return c.fail(odata.Invalid("Only a verified domain that isn't federated can be the default domain."))
	default:
		for _, d := range st.Domains.All() {
			if d.ID != now.ID && d.Value("isDefault") == "true" {
				st.Domains.Write(d.ID, d.With(map[int]string{isDefault: "false"}), c.lag())
			}
		}
	}
	st.Domains.Write(now.ID, now.With(set), c.lag())
	return kernel.NoContent()
}

// deleteDomain, which sees what is written though readers don't yet, refuses the initial and the default domain, and one that something refers to, with a hint to
// forceDelete ([graph 4, D]; the words are [?]).
func deleteDomain(c *domainCall) *kernel.Response {
	st := c.srv.store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	now := st.Domains.Get(c.Param(0))
	switch {
	case now == nil:
		return c.fail(odata.NotFound(c.Param(0)))
	case now.Value("isInitial") == "true":
		return c.fail(odata.Invalid("The initial domain '%s' cannot be deleted.", now.ID))
	case now.Value("isDefault") == "true":
		return c.fail(odata.Invalid("The default domain '%s' cannot be deleted. Make another domain the default first.", now.ID))
	case len(st.DomainReferences(now.ID, math.MaxInt64)) > 0:
		return c.fail(odata.Invalid("The domain '%s' is referenced by objects of the directory. Remove the references, or use https://learn.microsoft.com/graph/api/domain-forcedelete.", now.ID))
	}
	below := slices.ContainsFunc(st.Domains.Keys, func(k string) bool { return strings.HasSuffix(k, "."+strings.ToLower(now.ID)) })
	if below && !c.srv.behavior.SubdomainsDontBlock {
		return c.fail(odata.Invalid("The domain '%s' has sub-domains, which must be deleted first.", now.ID))
	}
	st.Domains.Write(now.ID, nil, c.lag())
	return kernel.NoContent()
}

// verifyFailed begins every refusal for want of proof; scripts look for these words [graph 4, F].
const verifyFailed = "Domain verification failed with the following error: "

// verifyDomain looks for the proof first, and only then whether another tenant has the domain: that is the
// order of the portal's messages [F]. What Graph says of another tenant is [?]; the words are those that
// Confirm-MsolDomain had [F].
func verifyDomain(c *domainCall) *kernel.Response {
	elsewhere := c.srv.others.VerifiedElsewhere(c.Param(0)) // locks other stores
	proven := c.srv.dns.HasTXT(c.Param(0), c.srv.store.VerificationText(c.Param(0))) || c.srv.dns.HasMX(c.Param(0), c.srv.store.VerificationHost(c.Param(0)))
	st := c.srv.store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	now := st.Domains.Get(c.Param(0))
	switch {
	case now == nil:
		return c.fail(odata.NotFound(c.Param(0)))
	case now.Value("isVerified") == "true":
		return c.fail(odata.Invalid("Domain is already verified."))
	case !proven:
		return c.fail(odata.Invalid(verifyFailed+"'The expected DNS record of the domain %s was not found.'", now.ID))
	case elsewhere:
		return c.fail(odata.Invalid(verifyFailed+"'Unable to verify the domain %s because it is used elsewhere. Remove the verified domain from the other organization first.'", now.ID))
	}
	next := now.With(map[int]string{
		st.DomainType.Index("isVerified"): "true", st.DomainType.Index("isRoot"): strconv.FormatBool(st.VerifiedParent(strings.ToLower(now.ID)) == nil),
	})
	st.Domains.Write(now.ID, next, c.lag())
	// Null but in this one answer [graph 4, D].
	shown := next.With(map[int]string{st.DomainType.Index("availabilityStatus"): `"AvailableImmediately"`})
	return c.one(http.StatusOK, shown, "domains", nil)
}

func listDomains(c *domainCall) *kernel.Response { return c.listSmall(&c.srv.store.Domains) }

func getDomain(c *domainCall) *kernel.Response {
	return c.getSmall(&c.srv.store.Domains, odata.NotFound(c.Param(0)))
}
