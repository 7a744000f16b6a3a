package directory

import "sync"

// OptionalBool is a Boolean that may be absent.
type OptionalBool uint8

// The three values of a OptionalBool.
const (
	Absent OptionalBool = iota
	False
	True
)

// OptionalBoolOf gives the OptionalBool of a Boolean.
func OptionalBoolOf(b bool) OptionalBool {
	if b {
		return True
	}
	return False
}

// User is an Entra user, reduced to the facts that decide whether a connector
// takes it. Names are Graph's; an absent or null property is the zero value.
type User struct {
	ID                string
	UserPrincipalName string
	Mail              string
	OtherMails        []string
	// UserType is "Member", "Guest" or, on old objects, "" [graph 1.2].
	UserType string
	// CreationType is "" for a normal account, "Invitation", "LocalAccount" or
	// "EmailVerified" [graph 1.2].
	CreationType string
	// ExternalUserState is "PendingAcceptance", "Accepted" or "".
	ExternalUserState     string
	AccountEnabled        OptionalBool
	OnPremisesSyncEnabled OptionalBool
	// FederatedElsewhere says that an identity was issued elsewhere, such as by
	// ExternalAzureAD: the home is another tenant or provider, whatever the
	// principal name looks like [graph 1.6].
	FederatedElsewhere bool
}

// Group is an Entra group with its direct members.
type Group struct {
	ID          string
	DisplayName string
	// SecurityEnabled: only such groups can be assigned to an application.
	SecurityEnabled bool
	// MembershipRule is the rule of a dynamic group, else "".
	MembershipRule string
	// Users and Groups are positions in Directory.Users and Directory.Groups of
	// the direct members, ascending, without repetition.
	Users  []int32
	Groups []int32
	// Unreadable are ids of members of which the application may read nothing
	// but the id [graph 2], ascending.
	Unreadable []string
	// Hidden says that members may be withheld whose ids aren't known either:
	// visibility HiddenMembership and no member came back, or a member group
	// that can't be read.
	Hidden bool
}

// Domain is a domain of the Entra tenant.
type Domain struct {
	// Name is in lower-case ASCII form.
	Name       string
	IsVerified bool
	IsInitial  bool
	IsDefault  bool
}

// Directory is an Entra tenant, or the part of it below some groups.
type Directory struct {
	TenantID string
	// Below are the ids of the groups to which the reading was limited,
	// ascending; nil means the whole tenant.
	Below []string
	// Attributes are the Graph names of the columns, ascending.
	Attributes []string
	// Columns hold, for each attribute and user, the value as compact JSON
	// text; "" where it is absent or null.
	Columns [][]string
	// Users, Groups and Domains are in ascending order of id or name.
	Users   []User
	Groups  []Group
	Domains []Domain
	// Jobs are the synchronization jobs that were asked for, in ascending order
	// of service principal.
	Jobs []Job

	byID *positions
}

// positions are those of users and groups by id, made when the first of each is asked
// for.
type positions struct{ users, groups lazyIndex }

type lazyIndex struct {
	once sync.Once
	index
}

// WholeTenant reports whether every user and group of the tenant is included.
func (d *Directory) WholeTenant() bool { return d.Below == nil }

// Column gives the values of an attribute by user position, and whether the
// directory has it.
func (d *Directory) Column(attribute string) ([]string, bool) {
	for i, a := range d.Attributes {
		if a == attribute {
			return d.Columns[i], true
		}
	}
	return nil, false
}

// UserByID finds a user's position by object id, or answers -1.
func (d *Directory) UserByID(id string) int32 {
	if d.byID == nil { // nobody built it: it is empty
		return -1
	}
	return d.byID.users.find(id, len(d.Users), func(i int) string { return d.Users[i].ID })
}

// GroupByID finds a group's position by object id, or answers -1.
func (d *Directory) GroupByID(id string) int32 {
	if d.byID == nil {
		return -1
	}
	return d.byID.groups.find(id, len(d.Groups), func(i int) string { return d.Groups[i].ID })
}

// find gives the position of an id among n, -1 for none.
func (x *lazyIndex) find(id string, n int, ids func(i int) string) int32 {
	x.once.Do(func() {
		x.index = newIndex(n)
		for i := range n {
			x.set(ids(i), int32(i))
		}
	})
	if at, ok := x.at(id); ok {
		return at
	}
	return -1
}

// ClaimStatus values of an Atlassian domain [atlassian 3.2]. Others may
// occur and are kept as they came.
const (
	ClaimVerified     = "verified"
	ClaimUnverified   = "unverified"
	ClaimDeleted      = "deleted"
	ClaimSuperseded   = "superseded"
	ClaimMissingToken = "missing_token"
)

// Claim is a domain as an Atlassian organization lists it.
type Claim struct {
	// Name is in lower-case ASCII form.
	Name string
	// Type is the method, "dns" or "http"; others are kept as they came.
	Type string
	// Status is one of the Claim constants, or what the service said.
	Status string
	// ID is the service's, for who asks it about the domain again. It decides
	// nothing, and a reading doesn't carry it.
	ID string `json:"-"`
}

// Counts reports whether a status counts as verified: missing_token is taken
// for the grace period of a verified domain [atlassian 3.1, I].
func (c Claim) Counts() bool {
	return c.Status == ClaimVerified || c.Status == ClaimMissingToken
}

// Account is an account of the organization's v2 directory [atlassian 3.2].
type Account struct {
	AccountID        string `json:"accountId"`
	Email            string `json:"email"`
	ClaimStatus      string `json:"claimStatus"`
	AccountStatus    string `json:"accountStatus"`
	MembershipStatus string `json:"membershipStatus"`
	Status           string `json:"status"`
	// ManagementSource is "synced" or "invited" for managed accounts. Only the
	// reconciliation looks at it; a reading doesn't carry it.
	ManagementSource string `json:"managementSource,omitempty"`
}

// AccountGroup is a group of the organization.
type AccountGroup struct {
	ID             string   `json:"id"`
	Name           string   `json:"name"`
	ExternalSynced bool     `json:"externalSynced"`
	Members        []string `json:"members"`
}

// Organization is an Atlassian organization.
type Organization struct {
	ID      string
	Domains []Claim
	// AccountsCovered says that Accounts and Groups were read.
	AccountsCovered bool
	Accounts        []Account
	Groups          []AccountGroup
	// Records are those of the SCIM directory; nil where they weren't read.
	Records *SCIMDirectory
}
