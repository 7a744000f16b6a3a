package graph

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
	ReadUsers   = []string{"User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
	WriteUsers  = []string{"User.ReadWrite.All", "Directory.ReadWrite.All"}
	DeleteUsers = []string{"User.ReadWrite.All", "User.DeleteRestore.All"}
	ReadGroups  = []string{
		"GroupMember.Read.All",
		"GroupMember.ReadWrite.All",
		"Group.Read.All",
		"Group.ReadWrite.All",
		"Directory.Read.All",
		"Directory.ReadWrite.All",
	}
	WriteGroups  = []string{"Group.ReadWrite.All", "Directory.ReadWrite.All"}
	WriteMembers = []string{"GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"}
	ReadMemberOf = append(append([]string{}, ReadUsers...), ReadGroups...)
	ReadDomains  = []string{"Domain.Read.All", "Domain.ReadWrite.All"}
	WriteDomains = []string{"Domain.ReadWrite.All"}
	ReadPolicies = []string{"Policy.Read.All", "Policy.ReadWrite.CrossTenantAccess"}
	readTenant   = []string{
		"Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All",
	}
	ReadApps = []string{
		"Application.Read.All", "Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.Read.All",
		"Directory.ReadWrite.All",
	}
	readDevices  = []string{"Device.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"}
	readContacts = []string{"OrgContact.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"}
)

// authorize checks the bearer token and its roles.
func (c *Call) authorize(roles []string) *kernel.Response {
	text, ok := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	if !ok || text == "" {
		return c.refuse("Access token is empty.")
	}
	token, err := c.Service.login.Signer.Read(text)
	if err != nil {
		return c.refuse("InvalidAuthenticationToken: CompactToken parsing failed with error code: 80049217")
	}
	now := c.Service.Clock.Now().Unix()
	switch {
	case now >= token.Expires || now < token.NotUntil:
		return c.refuse("Lifetime validation failed, the token is expired.")
	case !c.Service.login.ServesAudience(c.Base, token.Audience):
		return c.refuse("Access token validation failure. Invalid audience.")
	}
	c.Token = token
	if !c.May(roles) {
		return c.Fail(odata.ErrDenied)
	}
	return nil
}

func (c *Call) refuse(message string) *kernel.Response {
	return c.Fail(odata.Unauthorized(message)).With("WWW-Authenticate",
		`Bearer realm="", authorization_uri="`+c.Base+
			`/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`)
}

// May says whether the caller has one of some roles.
func (c *Call) May(roles []string) bool {
	if len(roles) == 0 {
		return true
	}
	for _, r := range c.Service.login.Permissions(c.Token) {
		if slices.Contains(roles, r) {
			return true
		}
	}
	return false
}

// maySee says whether the caller may read members of a type; without, they come back bare
// [graph 2, D].
func (c *Call) maySee(e *tenant.Entity) bool {
	switch e.Name {
	case "user":
		return c.May(ReadUsers)
	case "group":
		return c.May(ReadGroups)
	case "device":
		return c.May(readDevices)
	case "orgContact":
		return c.May(readContacts)
	default:
		return c.May(ReadApps)
	}
}
