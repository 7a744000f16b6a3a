package decision

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// A domain that is taken for verified and that nobody has is named with those that people have; one of a public mail
// provider is said to be none. What people have, at home or in an address, is nothing to speak of.
func TestUnmatchedDomains(t *testing.T) {
	w := directorytest.New()
	w.User(directorytest.Employee("ann@company.com"), "Staff")
	w.User(directorytest.External("guest@fabrikam.com", TypeGuest), "Staff")
	w.User(directorytest.External("rosa@gmail.com", TypeMember), "Staff")
	for name, c := range map[string]struct {
		request Request
		domains []string
		want    []string
	}{
		"used":        {Request{Connector: NestedGroups}, []string{"company.com", "fabrikam.com"}, nil},
		"nothing":     {Request{Connector: NestedGroups}, nil, nil},
		"misspelled":  {Request{Connector: NestedGroups}, []string{"compny.com"}, []string{"nobody in the reading has an address on compny.com", "domains are company.com, fabrikam.com."}},
		"public mail": {Request{Connector: NestedGroups}, []string{"gmail.com"}, []string{"gmail.com is a public mail provider's domain"}},
	} {
		t.Run(name, func(t *testing.T) {
			q := c.request
			q.Groups, q.VerifiedDomains = []string{"Staff"}, c.domains
			advice := engineOf(t, w, q).Decide().UnmatchedDomains()
			if len(advice) != min(len(c.want), 1) {
				t.Fatalf("got %q", advice)
			}
			for _, part := range c.want {
				if !strings.Contains(advice[0], part) || !strings.HasPrefix(advice[0], "what_if.verified_domains: ") {
					t.Errorf("got %q, want %q in it", advice[0], part)
				}
			}
		})
	}
}
