// Package env is what the simulated services share: their clock, and the choices that documentation leaves open.
package env

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Duration is a time.Duration that is written as text, "50ms", in JSON.
type Duration time.Duration

// MarshalJSON implements json.Marshaler.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// UnmarshalJSON implements json.Unmarshaler.
func (d *Duration) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return fmt.Errorf("a duration is a string such as \"50ms\": %w", err)
	}
	parsed, err := time.ParseDuration(text)
	*d = Duration(parsed)
	return err
}

// The words of Behavior.ExternalException.
const (
	externalGuest     = "guest"
	ExternalNotMember = "not_member"
	ExternalExtName   = "ext_upn"
)

// Check refuses what can't be.
func (b Behavior) Check() error {
	if b.PageSize < 1 || b.MaxPageSize < 1 || b.DeltaPageSize < 1 || b.DeltaMembers < 1 || b.AtlassianPageSize < 1 {
		return fmt.Errorf("page sizes must be at least 1: %+v", b)
	}
	for _, f := range []struct {
		name, value string
		words       []string
	}{
		{"ExternalException", b.ExternalException, []string{externalGuest, ExternalNotMember, ExternalExtName}},
	} {
		if !slices.Contains(f.words, f.value) {
			return fmt.Errorf("%s %q: one of %s", f.name, f.value, strings.Join(f.words, ", "))
		}
	}
	return nil
}

// Behavior holds what documentation leaves open or to each service. The defaults are what the
// sources make most likely.
type Behavior struct {
	PageSize      int // users, groups, members without $top: 100 [graph 1.1, D]
	MaxPageSize   int // largest $top: 999 ([graph 1.1]; the answer above it is [?])
	DeltaPageSize int // objects on a page of delta: 200 [?]
	DeltaMembers  int // entries of members@delta on a page: 1000 [?]
	// a round of delta begins so many changes before its token: it tells again what was told [graph 1.5, D]
	DeltaReplays int
	// an object comes once for each change of it, the last change first: several times, in no order [graph 1.5, D]
	DeltaRepeats       bool
	UnreadableAsNull   bool // members that the app can't read have their properties as null, else none [graph 2, D]
	EmptyOrganizations bool // GET /admin/v1/orgs answers no data for a valid key ([atlassian 3.2], ACCESS-966)
	AtlassianPageSize  int  // entries on a page of the organization API: 100 [?]

	// synchronization's errors have Graph's shape, else that of the service behind [graph 3.9, F]
	PlainSyncErrors     bool
	RestartLeavesPaused bool // restart of a paused job doesn't start it [?]
	// how long a cycle takes on the server's clock, after which another begins every 40 minutes; 0: until FinishCycle
	CycleTime                time.Duration
	SchemaWithoutDirectories bool   // directories come with $expand alone [graph question 7]
	KeepSchemaAsSent         bool   // nothing is added to a schema that is written [?]
	OnDemandAsList           bool   // provisionOnDemand answers by its other edition [graph 3.8]
	SecretMask               string // stands for a secret that is listed: "*" [?]
	SecretsWithoutValue      bool   // secrets are listed by their key alone [?]
	MaskAllSecrets           bool   // for the other values too [?]
	SecretsSurvive           bool   // PUT leaves the secrets that it doesn't name [graph 3.4, ?]
	NotEqualsOnNull          bool   // a clause NOT EQUALS holds for what is null ([graph 3.6]: the sources differ)

	// the SCIM directory takes users of verified domains alone, as before 15 Nov 2020 [atlassian 2.6]
	UnmatchableCharacters string // a matching value with one of these fails: which is undocumented [atlassian row 42]
	// who comes back into scope as a group's member is noticed before a restart [atlassian row 37]
	ReturnsNoticed bool

	ExternalIDsRepeat     bool // two records may have one externalId; a 409 else [atlassian row 24, D]
	DirectoryVerifiedOnly bool
	DirectoryKeepsLinks   bool // a change of a user outside the verified domains keeps the link [atlassian 2.6]
	DirectoryUsers        int  // in a SCIM directory: 1,000,000 [atlassian 2.4, D]
	DirectoryGroups       int  // in it: 250,000 [atlassian 2.4, D]
	DirectoryGroupUsers   int  // users in a group of it: 290,000 [atlassian 2.4, D]

	// dynamic groups follow a change after that time of the server's clock; 0: at once, below 0: with ApplyRules alone
	DynamicLag time.Duration
	// resource units of reads in ten seconds of the server's clock before it answers 429 [graph 6, D]; 0: any number
	UnitQuota   int
	WriteQuota  int           // writes to the directory that a WritePeriod takes before it answers 429; 0: any number
	WritePeriod time.Duration // of the server's clock: 2.5 minutes [graph 6, D]
	// so many lists of users after a PATCH of one, or its deletion, still show the old values, while GET by id has the
	// new ones
	ListLag int

	// verification sees a record of the simulated DNS only after that time of the server's clock
	DNSLag         time.Duration
	DomainConflict int // status for a domain that is there: 409, or 400 [graph 4, ?]
	// isRoot is false before verification, as the docs' text says; live tenants answer true [graph 4, ?]
	UnverifiedNotRoot   bool
	SubdomainsDontBlock bool // a domain can be deleted while the tenant has sub-domains of it [?]
	SubdomainRecords    bool // an automatically verified sub-domain has verification records [?]

	// claim.type of a domain that the nested-groups integration verified: "entra_id" [atlassian 3.2, U]
	EntraClaimType string
	// IdentifierFallback: where the chosen identifier is empty or no address, the other is taken [atlassian 1.2, U].
	IdentifierFallback bool
	// whom it takes from any domain: "guest" [R], "not_member" or "ext_upn" [atlassian question 1, U]
	ExternalException        string
	ExtAddress               bool // it takes a name with #EXT# for an address [atlassian row 16, U]
	NestedGroupUsers         int  // users in a group that it syncs: 10,000 [atlassian 1.3, D]
	SelectedGroupsAlone      bool // it makes no groups of those below the chosen ones [atlassian 1.4, U]
	EntraClaimsInitial       bool // it verifies domains under onmicrosoft.com too [U]
	NestedDeactivatesLeavers bool // who leaves its scope is deactivated [atlassian row 21, U]

	// PATCH of a policy replaces complex values as a whole, else members that it doesn't name stay [?]
	PolicyPatchReplaces bool

	RefuseNoRole bool // an assignment needs a role that the application declares [?]
}

// DefaultBehavior is what the sources make most likely.
func DefaultBehavior() Behavior {
	return Behavior{
		PageSize:            100,
		MaxPageSize:         999,
		DeltaPageSize:       200,
		DeltaMembers:        1000,
		UnreadableAsNull:    true,
		AtlassianPageSize:   100,
		SecretMask:          "*",
		WritePeriod:         150 * time.Second,
		DynamicLag:          10 * time.Minute, // [?]: no source read says how long; certainly not at once
		DirectoryUsers:      1_000_000,
		DirectoryGroups:     250_000,
		DirectoryGroupUsers: 290_000,
		DomainConflict:      http.StatusConflict,
		EntraClaimType:      "entra_id",
		IdentifierFallback:  true,
		ExternalException:   externalGuest,
		NestedGroupUsers:    10_000,
	}
}

// Clock is the server's idea of now: a source that tests replace, plus what they advanced it by.
type Clock struct {
	mu      sync.Mutex
	source  func() time.Time
	advance time.Duration
}

// Now is the time by the clock, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.source().Add(c.advance).UTC()
}

// SleepFor waits, or until the context ends.
func SleepFor(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// NewRandom is a source of numbers that a seed repeats.
func NewRandom(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)) }

// NewClock is the system's clock until it is advanced.
func NewClock() *Clock { return &Clock{source: time.Now} }

// Advance moves the clock forward.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance += d
}

// SetSource replaces what the clock reads.
func (c *Clock) SetSource(source func() time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.source = source
}
