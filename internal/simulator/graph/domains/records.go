package domains

import (
	"net/http"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// dnsRecord is what every domainDnsRecord has; the type of the record adds its own members.
func dnsRecord(domain, label, kind string, own rawjson.Object) rawjson.Object {
	record := rawjson.Object{
		"@odata.type": "#microsoft.graph.domainDns" + kind + "Record",
		"id":          naming.StableID("record " + kind + " " + label + " " + domain),
		"isOptional":  false, "label": label, "recordType": kind, "supportedService": "Email", "ttl": 3600,
	}
	for name, value := range own {
		record[name] = value
	}
	return record
}

// answerRecords answers a domain's list of records, which isn't paged.
func (c *call) answerRecords(what string, records func(*tenant.Object) []any) *kernel.Response {
	if a := c.UnknownOptions([]string{"$expand", "$format", "$top"}); a != nil {
		return a
	}
	st := c.srv.Store
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	o := st.Domains.View(c.Param(0), c.Tick)
	if o == nil {
		return c.Fail(odata.NotFound(c.Param(0)))
	}
	return c.Encode(http.StatusOK, rawjson.Object{
		"@odata.context": c.Root() + "/$metadata#domains('" + o.ID + "')/" + what,
		"value":          append([]any{}, records(o)...),
	})
}

// listVerificationRecords is one text and one mail exchange, of which one proves; a verified domain still has
// them [graph 4, D]. That one which its parent proved, and the initial one, have none is [?].
func listVerificationRecords(c *call) *kernel.Response {
	return c.answerRecords("verificationDnsRecords", func(o *tenant.Object) []any {
		verified := o.Value("isVerified") == "true"
		automatic := verified && c.srv.Store.VerifiedParent(strings.ToLower(o.ID)) != nil &&
			!c.srv.Behavior.SubdomainRecords
		if automatic || o.Value("isInitial") == "true" {
			return nil
		}
		return []any{
			dnsRecord(o.ID, o.ID, "Txt", rawjson.Object{"text": c.srv.Store.VerificationText(o.ID)}),
			dnsRecord(
				o.ID,
				o.ID,
				"Mx",
				rawjson.Object{
					"mailExchange": c.srv.Store.VerificationHost(o.ID),
					"preference":   tenant.VerificationPreference,
				},
			),
		}
	})
}

// listServiceRecords is what mail needs, of a verified domain; the real list depends on the licenses, and for
// a domain that isn't verified it is [?].
func listServiceRecords(c *call) *kernel.Response {
	return c.answerRecords("serviceConfigurationRecords", func(o *tenant.Object) []any {
		if o.Value("isVerified") != "true" || o.Value("isInitial") == "true" {
			return nil
		}
		return []any{
			dnsRecord(
				o.ID, o.ID, "Mx",
				rawjson.Object{
					"mailExchange": strings.ReplaceAll(
						o.ID,
						".",
						"-",
					) + ".mail.protection.outlook.com",
					"preference": 0,
				},
			),
			dnsRecord(o.ID, o.ID, "Txt", rawjson.Object{"text": "v=spf1 include:spf.protection.outlook.com -all"}),
			dnsRecord(o.ID, "autodiscover."+o.ID, "Cname", rawjson.Object{"canonicalName": "autodiscover.outlook.com"}),
		}
	})
}

// listDomainReferences answers them as directory objects, a page at a time.
func listDomainReferences(c *call) *kernel.Response {
	cast := c.CastOf()
	o, a := c.MemberOptions(cast)
	if a != nil {
		return a
	}
	st := c.srv.Store
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	domain := st.Domains.View(c.Param(0), c.Tick)
	if domain == nil {
		return c.Fail(odata.NotFound(c.Param(0)))
	}
	src := odata.Source{
		Shape: c.FormOf(nil, cast != nil), Flatten: func() []int32 { return st.DomainReferences(domain.ID, c.Tick) },
	}
	src.See = func(ref int32) *tenant.Object {
		found := st.View(ref, c.Tick)
		if found == nil || cast != nil && found.Entity != cast {
			return nil
		}
		return found
	}
	return c.AnswerList(o, src, graph.SetOf(cast))
}
