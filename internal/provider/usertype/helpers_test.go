package usertype

import (
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	policyName = "usersync_user_type_policy"
	recordName = "usersync_user_type_record"
)

// People of the tests: Ann is of the house; Pia and Paul are members of
// partner.example, Gus is its guest, Olga is mastered on premises, and Nils, of
// old.example, has no type.
const (
	ann  = "11111111-1111-4111-8111-000000000001"
	pia  = "11111111-1111-4111-8111-000000000002"
	paul = "11111111-1111-4111-8111-000000000003"
	gus  = "11111111-1111-4111-8111-000000000004"
	olga = "11111111-1111-4111-8111-000000000005"
	nils = "11111111-1111-4111-8111-000000000006"
	team = "22222222-2222-4222-8222-000000000001"

	piaName  = "pia_partner.example#EXT#@x.example"
	paulName = "paul_partner.example#EXT#@x.example"
	nilsName = "nils_old.example#EXT#@x.example"
)

const people = `{"version":1,"entra":{"tenant_id":"` + simulator.DefaultTenantID + `",
 "domains":[{"id":"x.example","isVerified":true,"isInitial":true,"isDefault":true}],
 "users":[
  {"id":"` + ann + `","userPrincipalName":"ann@x.example","mail":"ann@x.example","userType":"Member","accountEnabled":true},
  {"id":"` + pia + `","userPrincipalName":"` + piaName + `","mail":"pia@partner.example","userType":"Member","accountEnabled":true},
  {"id":"` + paul + `","userPrincipalName":"` + paulName + `","mail":"paul@partner.example","userType":"Member","accountEnabled":true},
  {"id":"` + gus + `","userPrincipalName":"gus_partner.example#EXT#@x.example","mail":"gus@partner.example","userType":"Guest","accountEnabled":true},
  {"id":"` + olga + `","userPrincipalName":"olga@x.example","mail":"olga@x.example","userType":"Member","onPremisesSyncEnabled":true,"accountEnabled":true},
  {"id":"` + nils + `","userPrincipalName":"` + nilsName + `","mail":"nils@old.example","userType":null,"accountEnabled":true}],
 "groups":[{"id":"` + team + `","displayName":"Team","securityEnabled":true,"members":[{"@odata.type":"#microsoft.graph.user","id":"` + pia + `"}]},
  {"id":"22222222-2222-4222-8222-000000000002","displayName":"All members","securityEnabled":true,"groupTypes":["DynamicMembership"],"membershipRule":"user.userType -eq \"Member\"","membershipRuleProcessingState":"On","members":[]}]}}`

// lab is a tenant and a CLI whose provider manages it.
type lab struct {
	*providertest.CLI
	*simulator.Server
	t *testing.T
}

func newLab(t *testing.T, change ...func(*session.Setup)) *lab {
	t.Helper()
	s := providertest.Tenant(t, people)
	return &lab{client(t, providertest.Session(s, change...)), s, t}
}

// client is a CLI whose provider has a session; nil for none.
func client(t *testing.T, session *session.Session) *providertest.CLI {
	t.Helper()
	return providertest.New(
		t,
		session,
		providertest.Offers{Resources: []func() resource.Resource{NewPolicy, NewRecord}},
	)
}

func (l *lab) reading(attributes ...string) string {
	l.t.Helper()
	return providertest.Reading(l.t, l.Server, attributes...)
}

// rule is a rule for whom match takes.
func rule(name, userType string, match map[string]any) map[string]any {
	return map[string]any{"name": name, "user_type": userType, "match": match}
}

var partners = map[string]any{"home_domains": []string{"partner.example"}}

// policy is an enforcing policy that makes guests of the partner's people, with
// more arguments, or others.
func (l *lab) policy(more map[string]any) map[string]any {
	l.t.Helper()
	out := map[string]any{"mode": "enforce", "rule": []any{rule("partners are guests", "Guest", partners)}}
	for name, v := range more {
		out[name] = v
	}
	if _, given := out["directory"]; !given {
		out["directory"] = l.reading()
	}
	return out
}

// types are the types that the tenant has by now.
func (l *lab) types() map[string]string {
	l.t.Helper()
	d, _, err := providertest.Session(l.Server).Directory(l.t.Context(), nil, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	out := map[string]string{}
	for i := range d.Users {
		out[d.Users[i].ID] = d.Users[i].UserType
	}
	return out
}

// object is a JSON object of texts.
func object(t *testing.T, text string) map[string]string {
	t.Helper()
	out := map[string]string{}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return out
}
