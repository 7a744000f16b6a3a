package simulator

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// domainReferences are the users and groups with a name or address on exactly that domain: principal name,
// mail and proxy addresses [graph 4]. Soft-deleted users aren't counted [?].
func (s *store) domainReferences(domain string, tick int64) []int32 {
	var out []int32
	on := func(address string) bool {
		_, at, found := naming.CutLast(address, "@")
		return found && strings.EqualFold(at, domain)
	}
	for _, ref := range slices.Concat(s.users.refs, s.groups.refs) {
		if ref < 0 {
			continue
		}
		o := s.view(ref, tick)
		if o == nil {
			continue
		}
		if on(o.text("userPrincipalName")) || on(o.text("mail")) || slices.ContainsFunc(rawjson.Strings(o.value("proxyAddresses")), on) {
			out = append(out, ref)
		}
	}
	return out
}

// ancestors are the tenant's domains above a name, the nearest first.
func (s *store) ancestors(name string) []*object {
	var out []*object
	for _, rest, ok := strings.Cut(name, "."); ok; _, rest, ok = strings.Cut(rest, ".") {
		if d := s.domains.get(rest); d != nil {
			out = append(out, d)
		}
	}
	return out
}

// verifiedAncestor proves a sub-domain [graph 4, D]; nil if there is none.
func (s *store) verifiedAncestor(name string) *object {
	for _, d := range s.ancestors(name) {
		if d.value("isVerified") == "true" {
			return d
		}
	}
	return nil
}

// The proof that Entra asks for: a text or a mail exchange, stable for a domain and tenant ([graph 4];
// the preference is [F]).
const verificationPreference = 32767

func (s *store) verificationNumber(domain string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.ToLower(s.id) + " " + naming.HostName(domain)))
	return fmt.Sprintf("ms%08d", h.Sum64()%100_000_000)
}

func (s *store) verificationText(domain string) string { return "MS=" + s.verificationNumber(domain) }

func (s *store) verificationHost(domain string) string {
	return s.verificationNumber(domain) + ".msv1.invalid"
}

// verified says whether a domain is a verified one of the tenant. A tenant whose snapshot has no
// domains doesn't restrict principal names.
func (s *store) verified(domain string) bool {
	if len(s.domains.keys) == 0 {
		return true
	}
	d := s.domains.get(domain)
	return d != nil && d.value("isVerified") == "true"
}

// initialDomain is the tenant's onmicrosoft.com name, "" if the snapshot has none.
func (s *store) initialDomain() string {
	for _, d := range s.domains.all() {
		if d.value("isInitial") == "true" {
			return d.id
		}
	}
	return ""
}

// defaultDomain is the tenant's default domain, "" if the snapshot has none.
func (s *store) defaultDomain() string {
	for _, d := range s.domains.all() {
		if d.value("isDefault") == "true" && d.value("isVerified") == "true" {
			return d.id
		}
	}
	return ""
}
