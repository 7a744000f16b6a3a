// Package naming is names: of hosts, of domains, and ids that depend on a name alone.
package naming

import (
	"regexp"
	"strings"

	"github.com/google/uuid"
)

// StableID is a GUID that depends on a name alone.
func StableID(name string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("usersync-simulator:"+name)).String()
}

// HostName is a name as names are compared: lower case, without the dot at its end.
func HostName(name string) string {
	return strings.TrimSuffix(strings.ToLower(strings.TrimSpace(name)), ".")
}

// DomainName is a full name in letters, digits and hyphens, of two labels at least.
var DomainName = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$`)

// CutLast cuts at the last separator.
func CutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// ContainsFold says whether a list has a text, without case and spaces around it.
func ContainsFold(list []string, s string) bool {
	for _, x := range list {
		if strings.EqualFold(strings.TrimSpace(x), s) {
			return true
		}
	}
	return false
}
