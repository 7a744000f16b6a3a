package simulator

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// The application permissions that allow an operation; one is enough ([graph 6], and [graph 1],
// [graph 4] and [graph 5] for what each page names [D]; the wider ones from the permissions reference [?]).
var (
	readUsers    = []string{"User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
	writeUsers   = []string{"User.ReadWrite.All", "Directory.ReadWrite.All"}
	deleteUsers  = []string{"User.ReadWrite.All", "User.DeleteRestore.All"}
	readGroups   = []string{"GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
	writeGroups  = []string{"Group.ReadWrite.All", "Directory.ReadWrite.All"}
	writeMembers = []string{"GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"}
	readMemberOf = append(append([]string{}, readUsers...), readGroups...)
	readDomains  = []string{"Domain.Read.All", "Domain.ReadWrite.All"}
	writeDomains = []string{"Domain.ReadWrite.All"}
	readPolicies = []string{"Policy.Read.All", "Policy.ReadWrite.CrossTenantAccess"}
	readTenant   = []string{"Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
	readApps     = []string{"Application.Read.All", "Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.Read.All", "Directory.ReadWrite.All"}
	readDevices  = []string{"Device.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"}
	readContacts = []string{"OrgContact.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"}
)

// authorize checks the bearer token and its roles.
func (c *graphCall) authorize(roles []string) *kernel.Response {
	text, ok := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	if !ok || text == "" {
		return c.refuse("Access token is empty.")
	}
	token, err := c.srv.login.Signer.Read(text)
	if err != nil {
		return c.refuse("InvalidAuthenticationToken: CompactToken parsing failed with error code: 80049217")
	}
	now := c.srv.clock.Now().Unix()
	switch {
	case now >= token.Expires || now < token.NotUntil:
		return c.refuse("Lifetime validation failed, the token is expired.")
	case !c.srv.login.ServesAudience(c.Base, token.Audience):
		return c.refuse("Access token validation failure. Invalid audience.")
	}
	c.token = token
	if !c.may(roles) {
		return c.fail(odata.ErrDenied)
	}
	return nil
}

func (c *graphCall) refuse(message string) *kernel.Response {
	return c.fail(odata.Unauthorized(message)).With("WWW-Authenticate",
		`Bearer realm="", authorization_uri="`+c.Base+`/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`)
}

// may says whether the caller has one of some roles.
func (c *graphCall) may(roles []string) bool {
	if len(roles) == 0 {
		return true
	}
	for _, r := range c.token.Roles {
		if slices.Contains(roles, r) {
			return true
		}
	}
	return false
}

// maySee says whether the caller may read members of a type; without, they come back bare
// [graph 2, D].
func (c *graphCall) maySee(e *tenant.Entity) bool {
	switch e.Name {
	case "user":
		return c.may(readUsers)
	case "group":
		return c.may(readGroups)
	case "device":
		return c.may(readDevices)
	case "orgContact":
		return c.may(readContacts)
	default:
		return c.may(readApps)
	}
}
