package decision

import (
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/decision/atlassian"
)

// HomeElsewhere reports that a user's home is another tenant.
func (e *Engine) HomeElsewhere(i int32) bool { return e.Tenant.External(i) }

// FactsHash hashes what decided: the user's facts, how they are in scope, and
// what is known of the domain. It tells drift from a change of the rules.
func (r *Result) FactsHash(i int32) uint64 {
	u := &r.Directory.Users[i]
	h := uint64(fnvOffset)
	mail, mailDomain := r.view.Mail(i)
	for _, s := range [...]string{r.typeOf(i), u.UserPrincipalName, mail, u.CreationType, u.ExternalUserState} {
		for k := range len(s) {
			h = (h ^ uint64(s[k])) * fnvPrime
		}
		h *= fnvPrime // the end of a text is a zero
	}
	state := [...]byte{byte(u.AccountEnabled), r.scope.Users[i], 0, 0}
	for k, d := range [...]int32{mailDomain, r.Tenant.UPNDomain(i)} {
		if d >= 0 {
			state[2+k] = byte(r.org.State(d)) &^ byte(atlassian.Public)
		}
	}
	for _, b := range state {
		h = (h ^ uint64(b)) * fnvPrime
	}
	return h
}

// FNV-1a with 64 bits: hash/fnv takes bytes, and each of a million texts would be copied.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// DirectGroupsOf are the groups in scope that a user is a direct member of.
func (r *Result) DirectGroupsOf(i int32) []int32 {
	var out []int32
	for g, in := range r.scope.Groups {
		if !in {
			continue
		}
		if _, ok := slices.BinarySearch(r.Directory.Groups[g].Users, i); ok {
			out = append(out, int32(g))
		}
	}
	return out
}
