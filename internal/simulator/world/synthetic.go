package world

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// Synthetic describes a made-up tenant. The same description makes the same tenant.
type Synthetic struct {
	Users        int
	Groups       int // default: a group for a hundred users, at least 10
	NestingDepth int // levels of groups in groups; default 4
	Seed         uint64
}

// The names that a synthetic tenant has.
const (
	SyntheticTenantID       = "7d0f2a4c-9b1e-4c35-8a67-d2e4f6a8b0c1"
	SyntheticOrganizationID = "3f1c5b7d-2a4e-4f60-9c8d-1b3d5f7a9c2e"
	SyntheticInitialDomain  = "bigcorp.onmicrosoft.com"
	SyntheticScopeGroup     = "Atlassian users" // the group over the tree of groups
)

var (
	syntheticDomains = []string{
		"bigcorp.example", "eng.bigcorp.example", "sales.bigcorp.example", "legacy.bigcorp.example",
	}
	syntheticPartners = []string{
		"partner.example",
		"fabrikam.example",
		"supplier.example",
		"agency.example",
		"gmail.com",
	}
	givenNames = []string{
		"Ada", "Amir", "Anna", "Björn", "Carmen", "Chen", "Dana", "Elif", "Emeka", "Fatima", "George", "Hana", "Ines",
		"Ivan", "Jin", "Kofi", "Lena", "Luca", "Maria", "Mina", "Noah", "Olga", "Paul", "Priya", "Rosa", "Sami", "Tove",
		"Uma", "Viktor", "Wen", "Yara", "Zoë",
	}
	surnames = []string{
		"Abbott", "Bauer", "Chen", "Diaz", "Eriksson", "Fischer", "García", "Haddad", "Ito", "Jansen", "Kaya", "Lopez",
		"Müller", "Nakamura", "Okafor", "Petrov", "Quinn", "Rossi", "Silva", "Tanaka", "Ueda", "Varga", "Weber", "Xu",
		"Yilmaz", "Zhang",
	}
	departments = []string{"Engineering", "Sales", "Finance", "Legal", "Support", "Marketing", "People", "Operations"}
	offices     = []string{"Berlin", "Lisbon", "Oslo", "Pune", "Austin", "Nairobi", "Osaka"}
	countries   = []string{"DE", "PT", "NO", "IN", "US", "KE", "JP"}
	jobTitles   = []string{"Engineer", "Manager", "Analyst", "Designer", "Director", "Consultant"}
)

// WriteSnapshot writes the tenant as a snapshot file.
func (t Synthetic) WriteSnapshot(w io.Writer) error {
	s := New("")
	if err := t.Fill(s); err != nil {
		return err
	}
	s.Clock.SetSource(func() time.Time { return time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC) })
	return s.Snapshot(w)
}

func (t Synthetic) withDefaults() (Synthetic, error) {
	if t.Users < 0 || t.Groups < 0 || t.NestingDepth < 0 {
		return t, fmt.Errorf("a synthetic tenant can't have negative numbers: %+v", t)
	}
	if t.Groups == 0 {
		t.Groups = max(10, t.Users/100)
	}
	if t.NestingDepth == 0 {
		t.NestingDepth = 4
	}
	return t, nil
}

// Fill makes the tenant in an empty server.
func (t Synthetic) Fill(s *World) error {
	t, err := t.withDefaults()
	if err != nil {
		return err
	}
	s.Store.ID = SyntheticTenantID
	st := s.Store
	st.Grow(t.Users, t.Groups+1)
	m := &generator{store: st, rand: env.NewRandom(t.Seed + 1)}
	m.domains()
	for i := range t.Users {
		if err := m.user(i); err != nil {
			return err
		}
	}
	if err := m.groups(t); err != nil {
		return err
	}
	org := &atlassian.Organization{
		Key: "main", ID: SyntheticOrganizationID, Accounts: []*atlassian.Account{}, Groups: []*atlassian.Group{},
	}
	for _, d := range syntheticDomains[:3] { // the last is verified in Entra alone
		org.SetClaim(d, "verified", "")
	}
	return s.Organizations.Add(org)
}

// generator makes objects without a detour over JSON.
type generator struct {
	store *tenant.Store
	rand  *rand.Rand
	pack  tenant.Packing
}

func (m *generator) id(kind uint32, i int) string {
	a, b := m.rand.Uint64(), uint64(kind)<<40|uint64(i)
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", uint32(a), uint16(a>>32), a>>48&0xfff, kind, b&0xffffffffffff)
}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

func (m *generator) domains() {
	put := func(name string, initial, byDefault bool) {
		raw := fmt.Sprintf(
			`{"id":%q,"authenticationType":"Managed","isVerified":true,"isInitial":%t,"isDefault":%t,"isRoot":true,`+
				`"supportedServices":["Email"]}`,
			name,
			initial,
			byDefault,
		)
		if err := m.store.Domains.Load([]byte(raw)); err != nil {
			panic(err) // the text above
		}
	}
	put(SyntheticInitialDomain, true, false)
	for i, d := range syntheticDomains {
		put(d, false, i == 0)
	}
}

func (m *generator) set(name, raw string) {
	m.pack = m.pack.Add(m.store.UserType.ByName[name], raw)
}

func (m *generator) text(name, value string) { m.set(name, rawjson.Quote(value)) }

// user makes one: 85 of 100 are employees, 10 guests, 5 external members; 3 are disabled and 2 of the
// employees have no mail.
func (m *generator) user(i int) error {
	r := m.rand
	given, surname := pick(r, givenNames), pick(r, surnames)
	alias := "user" + strconv.Itoa(i)
	dice := r.IntN(100)
	external, guest := dice < 15, dice < 10
	place := r.IntN(len(offices))
	domain := syntheticDomains[max(0, r.IntN(7)-3)] // more than half have the first
	upn, mail := alias+"@"+domain, rawjson.Quote(alias+"@"+domain)
	if external {
		home := pick(r, syntheticPartners)
		upn, mail = alias+"_"+home+"#EXT#@"+SyntheticInitialDomain, rawjson.Quote(alias+"@"+home)
	} else if r.IntN(50) == 0 {
		mail = "null"
	}
	m.pack = m.pack[:0] // in the order of the names
	m.set("accountEnabled", strconv.FormatBool(r.IntN(33) != 0))
	m.text("country", countries[place])
	m.text(
		"createdDateTime",
		time.Unix(1_500_000_000+int64(r.IntN(250_000_000)), 0).UTC().Format("2006-01-02T15:04:05Z"),
	)
	if external {
		m.text("creationType", "Invitation")
	} else {
		m.set("creationType", "null")
	}
	m.text("department", pick(r, departments))
	m.text("displayName", given+" "+surname)
	if external {
		m.text("externalUserState", []string{"Accepted", "PendingAcceptance"}[min(1, r.IntN(10)/9)])
	}
	m.text("givenName", given)
	m.identities(external, upn)
	m.text("jobTitle", pick(r, jobTitles))
	m.set("mail", mail)
	m.text("officeLocation", offices[place])
	m.set("onPremisesSyncEnabled", "null")
	m.text("surname", surname)
	m.text("usageLocation", countries[place])
	m.text("userPrincipalName", upn)
	m.text("userType", map[bool]string{true: "Guest", false: "Member"}[guest])
	_, err := m.store.Add(&tenant.Object{Entity: m.store.UserType, ID: m.id(1, i), Props: string(m.pack)})
	return err
}

// identities has the shapes of [graph 1.6].
func (m *generator) identities(external bool, upn string) {
	own := `{"signInType":"userPrincipalName","issuer":"` + SyntheticInitialDomain + `","issuerAssignedId":` +
		rawjson.Quote(upn) + `}`
	if external {
		own = `{"signInType":"federated","issuer":"ExternalAzureAD","issuerAssignedId":null},` + own
	}
	m.set("identities", "["+own+"]")
}
