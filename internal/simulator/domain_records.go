package simulator

import (
	"net/http"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// dnsRecord is what every domainDnsRecord has; the type of the record adds its own members.
func dnsRecord(domain, label, kind string, own rawjson.Object) rawjson.Object {
	record := rawjson.Object{
		"@odata.type": "#microsoft.graph.domainDns" + kind + "Record", "id": naming.StableID("record " + kind + " " + label + " " + domain),
		"isOptional": false, "label": label, "recordType": kind, "supportedService": "Email", "ttl": 3600,
	}
	for name, value := range own {
		record[name] = value
	}
	return record
}

// answerRecords answers a domain's list of records, which isn't paged.
func (c *domainCall) answerRecords(what string, records func(*object) []any) *kernel.Response {
	if a := c.unknownOptions([]string{"$expand", "$format", "$top"}); a != nil {
		return a
	}
	st := c.srv.store
	st.mu.RLock()
	defer st.mu.RUnlock()
	o := st.domains.view(c.Param(0), c.tick)
	if o == nil {
		return c.fail(notFound(c.Param(0)))
	}
	return c.encode(http.StatusOK, rawjson.Object{
		"@odata.context": c.Base + "/v1.0/$metadata#domains('" + o.id + "')/" + what, "value": append([]any{}, records(o)...),
	})
}

// listVerificationRecords is one text and one mail exchange, of which one proves; a verified domain still has
// them [graph 4, D]. That one which its parent proved, and the initial one, have none is [?].
func listVerificationRecords(c *domainCall) *kernel.Response {
	return c.answerRecords("verificationDnsRecords", func(o *object) []any {
		verified := o.value("isVerified") == "true"
		automatic := verified && c.srv.store.verifiedAncestor(strings.ToLower(o.id)) != nil && !c.srv.behavior.SubdomainRecords
		if automatic || o.value("isInitial") == "true" {
			return nil
		}
		return []any{
			dnsRecord(o.id, o.id, "Txt", rawjson.Object{"text": c.srv.store.verificationText(o.id)}),
			dnsRecord(o.id, o.id, "Mx", rawjson.Object{"mailExchange": c.srv.store.verificationHost(o.id), "preference": verificationPreference}),
		}
	})
}

// listServiceRecords is what mail needs, of a verified domain; the real list depends on the licenses, and for
// a domain that isn't verified it is [?].
func listServiceRecords(c *domainCall) *kernel.Response {
	return c.answerRecords("serviceConfigurationRecords", func(o *object) []any {
		if o.value("isVerified") != "true" || o.value("isInitial") == "true" {
			return nil
		}
		return []any{
			dnsRecord(o.id, o.id, "Mx", rawjson.Object{"mailExchange": strings.ReplaceAll(o.id, ".", "-") + ".mail.protection.outlook.com", "preference": 0}),
			dnsRecord(o.id, o.id, "Txt", rawjson.Object{"text": "v=spf1 include:spf.protection.outlook.com -all"}),
			dnsRecord(o.id, "autodiscover."+o.id, "Cname", rawjson.Object{"canonicalName": "autodiscover.outlook.com"}),
		}
	})
}

// listDomainReferences answers them as directory objects, a page at a time.
func listDomainReferences(c *domainCall) *kernel.Response {
	cast := c.castOf()
	o, a := c.memberOptions(cast)
	if a != nil {
		return a
	}
	st := c.srv.store
	st.mu.RLock()
	defer st.mu.RUnlock()
	domain := st.domains.view(c.Param(0), c.tick)
	if domain == nil {
		return c.fail(notFound(c.Param(0)))
	}
	src := source{shape: c.formOf(nil, cast != nil), flatten: func() []int32 { return st.domainReferences(domain.id, c.tick) }}
	src.see = func(ref int32) *object {
		found := st.view(ref, c.tick)
		if found == nil || cast != nil && found.ent != cast {
			return nil
		}
		return found
	}
	return c.list(o, src, setOf(cast))
}
