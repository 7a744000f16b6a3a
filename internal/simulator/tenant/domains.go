package tenant

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// DomainReferences are the users and groups with a name or address on exactly that domain: principal name,
// mail and proxy addresses [graph 4]. Soft-deleted users aren't counted [?].
func (s *Store) DomainReferences(domain string, tick int64) []int32 {
	var out []int32
	on := func(address string) bool {
		_, at, found := naming.CutLast(address, "@")
		return found && strings.EqualFold(at, domain)
	}
	for _, ref := range slices.Concat(s.Users.Refs, s.Groups.Refs) {
		if ref < 0 {
			continue
		}
		o := s.View(ref, tick)
		if o == nil {
			continue
		}
		if on(o.Text("userPrincipalName")) || on(o.Text("mail")) || slices.ContainsFunc(
			rawjson.Strings(o.Value("proxyAddresses")), on,
		) {
			out = append(out, ref)
		}
	}
	return out
}

// ParentDomains are the tenant's domains above a name, the nearest first.
func (s *Store) ParentDomains(name string) []*Object {
	var out []*Object
	for _, rest, ok := strings.Cut(name, "."); ok; _, rest, ok = strings.Cut(rest, ".") {
		if d := s.Domains.Get(rest); d != nil {
			out = append(out, d)
		}
	}
	return out
}

// VerifiedParent proves a sub-domain [graph 4, D]; nil if there is none.
func (s *Store) VerifiedParent(name string) *Object {
	for _, d := range s.ParentDomains(name) {
		if d.Value("isVerified") == "true" {
			return d
		}
	}
	return nil
}

// VerificationPreference is that of the proof that Entra asks for: a text or a mail exchange, stable for a domain and
// tenant ([graph 4];
// the preference is [F]).
const VerificationPreference = 32767

// VerificationNumber is what both forms of the proof have in common.
func (s *Store) VerificationNumber(domain string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.ToLower(s.ID) + " " + naming.HostName(domain)))
	return fmt.Sprintf("ms%08d", h.Sum64()%100_000_000)
}

// VerificationText is the TXT record that proves a domain.
func (s *Store) VerificationText(domain string) string { return "MS=" + s.VerificationNumber(domain) }

// VerificationHost is the MX record's host that proves a domain.
func (s *Store) VerificationHost(domain string) string {
	return s.VerificationNumber(domain) + ".msv1.invalid"
}

// Verified says whether a domain is a verified one of the tenant. A tenant whose snapshot has no
// domains doesn't restrict principal names.
func (s *Store) Verified(domain string) bool {
	if len(s.Domains.Keys) == 0 {
		return true
	}
	d := s.Domains.Get(domain)
	return d != nil && d.Value("isVerified") == "true"
}

// InitialDomain is the tenant's onmicrosoft.com name, "" if the snapshot has none.
func (s *Store) InitialDomain() string {
	for _, d := range s.Domains.All() {
		if d.Value("isInitial") == "true" {
			return d.ID
		}
	}
	return ""
}

// VerifiedDomains are the tenant's domains that are verified, in lower case.
func (s *Store) VerifiedDomains() (names []string) {
	for _, d := range s.Domains.All() {
		if d.Value("isVerified") == "true" {
			names = append(names, strings.ToLower(d.ID))
		}
	}
	return names
}

// DefaultDomain is the tenant's default domain, "" if the snapshot has none.
func (s *Store) DefaultDomain() string {
	for _, d := range s.Domains.All() {
		if d.Value("isDefault") == "true" && d.Value("isVerified") == "true" {
			return d.ID
		}
	}
	return ""
}
