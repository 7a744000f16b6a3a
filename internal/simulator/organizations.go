package simulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/dns"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// organizations is the Atlassian side: organizations by their key in the snapshot. Its methods
// expect mu to be held.
type organizations struct {
	clock    *env.Clock
	behavior *env.Behavior
	dns      *dns.Zone

	apiKeys       map[string]string // by organization id or snapshot key
	directoryKeys map[string]string // of SCIM directories, by the same
	token         string            // of SCIM directories that have none of their own

	mu    sync.Mutex
	keys  []string // sorted
	byKey map[string]*organization

	watched atomic.Bool // there are claims whose proof is looked for
}

// organization is one Atlassian organization with its directory.
type organization struct {
	key      string
	id       string
	domains  []*claimedDomain // by id
	accounts []*account       // by id
	groups   []*orgGroup      // by id
	scim     scimDirectory
	covered  map[string]bool // the parts that the snapshot has

	claims map[string]*claim // by domain, as far as the server knows how they came about
}

// claimedDomain is a domain of an organization and its claim [atlassian 3.2].
type claimedDomain struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Attributes struct {
		Name  string `json:"name"`
		Claim struct {
			Type   string `json:"type"`
			Status string `json:"status"`
		} `json:"claim"`
	} `json:"attributes"`
	Links *links `json:"links,omitempty"`
}

type links struct {
	Self string `json:"self,omitempty"`
	Prev string `json:"prev,omitempty"`
	Next string `json:"next,omitempty"`
}

// account is a user of the organization's directory, in the words of v2.
type account struct {
	AccountID        string  `json:"accountId"`
	AccountType      string  `json:"accountType,omitempty"` // atlassian, app, customer
	Name             string  `json:"name,omitempty"`
	Email            string  `json:"email"`
	EmailVerified    *bool   `json:"emailVerified,omitempty"`
	ClaimStatus      string  `json:"claimStatus,omitempty"`      // managed, unmanaged
	ManagementSource *string `json:"managementSource,omitempty"` // synced, invited
	Status           string  `json:"status,omitempty"`           // active, suspended, not_invited, deactivated, for_deletion
	AccountStatus    string  `json:"accountStatus,omitempty"`    // active, inactive, closed
	MembershipStatus string  `json:"membershipStatus,omitempty"` // active, suspended, no_membership
}

// orgGroup is a group of the organization's directory.
type orgGroup struct {
	ID             string   `json:"id"`
	Name           string   `json:"name"`
	Description    string   `json:"description,omitempty"`
	ExternalSynced bool     `json:"externalSynced"`
	ManagedBy      string   `json:"managedBy,omitempty"` // external, admins, team-members, open
	Members        []string `json:"members"`
}

func newOrganizations(clock *env.Clock, behavior *env.Behavior, dns *dns.Zone) *organizations {
	return &organizations{
		clock: clock, behavior: behavior, dns: dns, byKey: map[string]*organization{},
		apiKeys: map[string]string{}, directoryKeys: map[string]string{}, token: DefaultSecretToken,
	}
}

// load reads one organization of a snapshot.
func (o *organizations) load(stream *rawjson.Stream, path, key string) error {
	org := &organization{key: key, covered: map[string]bool{}}
	err := stream.Object(path, func(name, path string) error {
		org.covered[name] = true
		switch name {
		case "organization_id":
			return stream.Value(path, &org.id)
		case "domains":
			return stream.Array(path, func(raw json.RawMessage) error { return decodeInto(raw, &org.domains) })
		case "accounts":
			return stream.Array(path, func(raw json.RawMessage) error { return decodeInto(raw, &org.accounts) })
		case "groups":
			return stream.Array(path, func(raw json.RawMessage) error { return decodeInto(raw, &org.groups) })
		case "scim":
			var raw json.RawMessage
			if err := stream.Value(path, &raw); err != nil {
				return err
			}
			return org.scim.load(raw)
		}
		return stream.Skip()
	})
	if err != nil {
		return err
	}
	if org.id == "" {
		return fmt.Errorf("organization_id is missing")
	}
	return o.add(org)
}

func decodeInto[T any](raw json.RawMessage, list *[]*T) error {
	item := new(T)
	if err := json.Unmarshal(raw, item); err != nil {
		return err
	}
	*list = append(*list, item)
	return nil
}

func (o *organizations) add(org *organization) error {
	if o.byKey[org.key] != nil {
		return fmt.Errorf("the organization %q is there twice", org.key)
	}
	o.byKey[org.key] = org
	i, _ := slices.BinarySearch(o.keys, org.key)
	o.keys = slices.Insert(o.keys, i, org.key)
	return nil
}

// index checks ids and sorts what lists are answered from.
func (o *organizations) index() error {
	for _, key := range o.keys {
		org := o.byKey[key]
		slices.SortFunc(org.domains, func(a, b *claimedDomain) int { return strings.Compare(a.ID, b.ID) })
		slices.SortFunc(org.accounts, func(a, b *account) int { return strings.Compare(a.AccountID, b.AccountID) })
		slices.SortFunc(org.groups, func(a, b *orgGroup) int { return strings.Compare(a.ID, b.ID) })
		for _, d := range org.domains {
			if d.Attributes.Name == "" {
				return fmt.Errorf("organizations.%s.domains: the domain %q has no attributes.name", key, d.ID)
			}
			if d.ID == "" {
				d.ID = naming.StableID("domain " + org.id + " " + d.Attributes.Name)
			}
			d.Type = "domains"
		}
	}
	return nil
}

// find is an organization by its id or its key.
func (o *organizations) find(name string) *organization {
	if org := o.byKey[name]; org != nil {
		return org
	}
	for _, key := range o.keys {
		if o.byKey[key].id == name {
			return o.byKey[key]
		}
	}
	return nil
}

// directory is the id of the organization's one directory.
func (g *organization) directory() string { return naming.StableID("directory " + g.id) }

// setClaim changes a domain's claim, or adds the domain; an empty type leaves it, dns for a new one.
func (g *organization) setClaim(name, status, claimType string) {
	if d := g.domain(name); d != nil {
		d.Attributes.Claim.Status = status
		d.Attributes.Claim.Type = cmp.Or(claimType, d.Attributes.Claim.Type)
		return
	}
	name = naming.HostName(name)
	d := &claimedDomain{ID: naming.StableID("domain " + g.id + " " + name), Type: "domains"}
	d.Attributes.Name = name
	d.Attributes.Claim.Type, d.Attributes.Claim.Status = cmp.Or(claimType, proofDNS), status
	i, _ := slices.BinarySearchFunc(g.domains, d.ID, func(a *claimedDomain, id string) int { return strings.Compare(a.ID, id) })
	g.domains = slices.Insert(g.domains, i, d)
	g.cover("domains")
}

func (g *organization) cover(part string) {
	if g.covered != nil {
		g.covered[part] = true
	}
}

// snapshot is the organization as a snapshot holds it.
func (g *organization) snapshot() any {
	out := map[string]any{"organization_id": g.id}
	put := func(name string, list any) {
		if g.covered == nil || g.covered[name] {
			out[name] = list
		}
	}
	put("domains", append([]*claimedDomain{}, g.domains...))
	put("accounts", append([]*account{}, g.accounts...))
	put("groups", append([]*orgGroup{}, g.groups...))
	if g.covered["scim"] || len(g.scim.users)+len(g.scim.groups) > 0 {
		out["scim"] = g.scim.snapshot()
	}
	return out
}

// keyOf is the API key of an organization.
func (s *organizations) keyOf(org *organization) string {
	for _, name := range []string{org.id, org.key} {
		if key, ok := s.apiKeys[name]; ok {
			return key
		}
	}
	return DefaultAPIKey
}

// directoryToken is the key of an organization's SCIM directory.
func (s *organizations) directoryToken(org *organization) string {
	for _, name := range []string{org.id, org.key, org.directory()} {
		if key, ok := s.directoryKeys[name]; ok {
			return key
		}
	}
	return s.token
}

// accountAt is the place of an account by its id.
func (g *organization) accountAt(id string) (int, bool) {
	return slices.BinarySearchFunc(g.accounts, id, func(a *account, id string) int { return strings.Compare(a.AccountID, id) })
}

// DefaultAPIKey is the key of every organization that wasn't given another. It protects nothing.
const DefaultAPIKey = "simulator-api-key"

// DefaultSecretToken is the SecretToken that every target accepts unless it was given another.
const DefaultSecretToken = "simulator-secret-token"
