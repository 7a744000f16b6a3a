package atlassian

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

// Organizations is the Atlassian side: organizations by their key in the snapshot. Its methods
// expect mu to be held.
type Organizations struct {
	clock    *env.Clock
	behavior *env.Behavior
	dns      *dns.Zone

	APIKeys       map[string]string // by organization id or snapshot key
	DirectoryKeys map[string]string // of SCIM directories, by the same
	Token         string            // of SCIM directories that have none of their own

	Mu    sync.Mutex
	Keys  []string // sorted
	ByKey map[string]*Organization

	watched atomic.Bool // there are claims whose proof is looked for
}

// Organization is one Atlassian organization with its directory.
type Organization struct {
	Key      string
	ID       string
	Domains  []*ClaimedDomain // by id
	Accounts []*Account       // by id
	Groups   []*Group         // by id
	SCIM     SCIMDirectory
	covered  map[string]bool // the parts that the snapshot has

	Claims map[string]*Claim // by domain, as far as the server knows how they came about
}

// ClaimedDomain is a domain of an organization and its claim [atlassian 3.2].
type ClaimedDomain struct {
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

// Account is a user of the organization's directory, in the words of v2.
type Account struct {
	AccountID        string  `json:"accountId"`
	AccountType      string  `json:"accountType,omitempty"` // atlassian, app, customer
	Name             string  `json:"name,omitempty"`
	Email            string  `json:"email"`
	EmailVerified    *bool   `json:"emailVerified,omitempty"`
	ClaimStatus      string  `json:"claimStatus,omitempty"`      // managed, unmanaged
	ManagementSource *string `json:"managementSource,omitempty"` // synced, invited
	// active, suspended, not_invited, deactivated, for_deletion
	Status           string `json:"status,omitempty"`
	AccountStatus    string `json:"accountStatus,omitempty"`    // active, inactive, closed
	MembershipStatus string `json:"membershipStatus,omitempty"` // active, suspended, no_membership
}

// Group is a group of the organization's directory.
type Group struct {
	ID             string   `json:"id"`
	Name           string   `json:"name"`
	Description    string   `json:"description,omitempty"`
	ExternalSynced bool     `json:"externalSynced"`
	ManagedBy      string   `json:"managedBy,omitempty"` // external, admins, team-members, open
	Members        []string `json:"members"`

	// DefaultAccess says that an app gives access by this group, which then can't be synced [atlassian 1.4]. No API
	// shows it; a snapshot and the control plane may say so.
	DefaultAccess bool `json:"defaultAccess,omitempty"`
}

// NewOrganizations is no organization yet.
func NewOrganizations(clock *env.Clock, behavior *env.Behavior, dns *dns.Zone) *Organizations {
	return &Organizations{
		clock: clock, behavior: behavior, dns: dns, ByKey: map[string]*Organization{},
		APIKeys: map[string]string{}, DirectoryKeys: map[string]string{}, Token: DefaultSecretToken,
	}
}

// Load reads one organization of a snapshot.
func (o *Organizations) Load(stream *rawjson.Stream, path, key string) error {
	org := &Organization{Key: key, covered: map[string]bool{}}
	err := stream.Object(path, func(name, path string) error {
		org.covered[name] = true
		switch name {
		case "organization_id":
			return stream.Value(path, &org.ID)
		case "domains":
			return stream.Array(path, func(raw json.RawMessage) error { return decodeInto(raw, &org.Domains) })
		case "accounts":
			return stream.Array(path, func(raw json.RawMessage) error { return decodeInto(raw, &org.Accounts) })
		case "groups":
			return stream.Array(path, func(raw json.RawMessage) error { return decodeInto(raw, &org.Groups) })
		case "scim":
			var raw json.RawMessage
			if err := stream.Value(path, &raw); err != nil {
				return err
			}
			return org.SCIM.load(raw)
		}
		return stream.Skip()
	})
	if err != nil {
		return err
	}
	if org.ID == "" {
		return fmt.Errorf("organization_id is missing")
	}
	return o.Add(org)
}

func decodeInto[T any](raw json.RawMessage, list *[]*T) error {
	item := new(T)
	if err := json.Unmarshal(raw, item); err != nil {
		return err
	}
	*list = append(*list, item)
	return nil
}

// Add adds an organization under its key.
func (o *Organizations) Add(org *Organization) error {
	if o.ByKey[org.Key] != nil {
		return fmt.Errorf("the organization %q is there twice", org.Key)
	}
	o.ByKey[org.Key] = org
	i, _ := slices.BinarySearch(o.Keys, org.Key)
	o.Keys = slices.Insert(o.Keys, i, org.Key)
	return nil
}

// Index checks ids and sorts what lists are answered from.
func (o *Organizations) Index() error {
	for _, key := range o.Keys {
		org := o.ByKey[key]
		slices.SortFunc(org.Domains, func(a, b *ClaimedDomain) int { return strings.Compare(a.ID, b.ID) })
		slices.SortFunc(org.Accounts, func(a, b *Account) int { return strings.Compare(a.AccountID, b.AccountID) })
		slices.SortFunc(org.Groups, func(a, b *Group) int { return strings.Compare(a.ID, b.ID) })
		for _, d := range org.Domains {
			if d.Attributes.Name == "" {
				return fmt.Errorf("organizations.%s.domains: the domain %q has no attributes.name", key, d.ID)
			}
			if d.ID == "" {
				d.ID = naming.StableID("domain " + org.ID + " " + d.Attributes.Name)
			}
			d.Type = "domains"
		}
	}
	return nil
}

// find is an organization by its id or its key.
func (o *Organizations) find(name string) *Organization {
	if org := o.ByKey[name]; org != nil {
		return org
	}
	for _, key := range o.Keys {
		if o.ByKey[key].ID == name {
			return o.ByKey[key]
		}
	}
	return nil
}

// Directory is the id of the organization's one directory.
func (g *Organization) Directory() string { return naming.StableID("directory " + g.ID) }

// SetClaim changes a domain's claim, or adds the domain; an empty type leaves it, dns for a new one.
func (g *Organization) SetClaim(name, status, claimType string) {
	if d := g.Domain(name); d != nil {
		d.Attributes.Claim.Status = status
		d.Attributes.Claim.Type = cmp.Or(claimType, d.Attributes.Claim.Type)
		return
	}
	name = naming.HostName(name)
	d := &ClaimedDomain{ID: naming.StableID("domain " + g.ID + " " + name), Type: "domains"}
	d.Attributes.Name = name
	d.Attributes.Claim.Type, d.Attributes.Claim.Status = cmp.Or(claimType, proofDNS), status
	i, _ := slices.BinarySearchFunc(
		g.Domains, d.ID, func(a *ClaimedDomain, id string) int { return strings.Compare(a.ID, id) },
	)
	g.Domains = slices.Insert(g.Domains, i, d)
	g.Cover("domains")
}

// Cover notes that the organization has a part of the snapshot.
func (g *Organization) Cover(part string) {
	if g.covered != nil {
		g.covered[part] = true
	}
}

// Snapshot is the organization as a snapshot holds it.
func (g *Organization) Snapshot() any {
	out := map[string]any{"organization_id": g.ID}
	put := func(name string, list any) {
		if g.covered == nil || g.covered[name] {
			out[name] = list
		}
	}
	put("domains", append([]*ClaimedDomain{}, g.Domains...))
	put("accounts", append([]*Account{}, g.Accounts...))
	put("groups", append([]*Group{}, g.Groups...))
	if g.covered["scim"] || len(g.SCIM.Users)+len(g.SCIM.Groups) > 0 {
		out["scim"] = g.SCIM.snapshot()
	}
	return out
}

// KeyOf is the API key of an organization.
func (o *Organizations) KeyOf(org *Organization) string {
	for _, name := range []string{org.ID, org.Key} {
		if key, ok := o.APIKeys[name]; ok {
			return key
		}
	}
	return DefaultAPIKey
}

// DirectoryToken is the key of an organization's SCIM directory.
func (o *Organizations) DirectoryToken(org *Organization) string {
	for _, name := range []string{org.ID, org.Key, org.Directory()} {
		if key, ok := o.DirectoryKeys[name]; ok {
			return key
		}
	}
	return o.Token
}

// AccountAt is the place of an account by its id.
func (g *Organization) AccountAt(id string) (int, bool) {
	return slices.BinarySearchFunc(
		g.Accounts, id, func(a *Account, id string) int { return strings.Compare(a.AccountID, id) },
	)
}

// DefaultAPIKey is the key of every organization that wasn't given another. It protects nothing.
const DefaultAPIKey = "simulator-api-key"

// DefaultSecretToken is the SecretToken that every target accepts unless it was given another.
const DefaultSecretToken = "simulator-secret-token"
