package entratenant

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Pairs are the users of a source tenant and who they are in the target tenant, by
// position in each; -1 for nobody.
type Pairs struct{ ThereOf, SourceOf []int32 }

// Match finds who of the target tenant is whom of the source tenant. The service joins
// them by an id that can't be read [cross-tenant 4]; names and mails stand for it here:
// the home address in the target's principal name, then its mail, is the source's
// principal name, else its mail. home reports a home domain of the source tenant.
func Match(source, target *directory.Directory, home func(domain string) bool) *Pairs {
	p := &Pairs{ThereOf: none(len(source.Users)), SourceOf: none(len(target.Users))}
	byName := make(map[string]int32, 2*len(source.Users))
	for i := range source.Users {
		if m := source.Users[i].Mail; m != "" {
			byName[strings.ToLower(m)] = int32(i)
		}
	}
	for i := range source.Users { // the principal name wins over another's mail
		byName[strings.ToLower(source.Users[i].UserPrincipalName)] = int32(i)
	}
	for j := range target.Users {
		u := &target.Users[j]
		if !tenant.IsExternal(u) || !home(tenant.HomeDomain(u)) {
			continue
		}
		i, found := byName[strings.ToLower(tenant.HomeAddress(u.UserPrincipalName))]
		if !found && u.Mail != "" {
			i, found = byName[strings.ToLower(u.Mail)]
		}
		if found {
			p.SourceOf[j], p.ThereOf[i] = i, int32(j)
		}
	}
	return p
}

func none(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = -1
	}
	return out
}
