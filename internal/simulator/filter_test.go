package simulator

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
)

// everyone is the users of the test tenant by first name.
var everyone = strings.NewReplacer(oscar, "oscar", ada, "ada", gus, "gus", mia, "mia", maryam, "maryam")

func TestFilter(t *testing.T) {
	c := newClient(t)
	for _, test := range []struct{ filter, want string }{
		{`userType eq 'Guest'`, "gus"},
		{`userType eq 'guest'`, "gus"},
		{`accountEnabled eq false`, "ada"},
		{`accountEnabled eq true and userType eq 'Member'`, "oscar maryam"},
		{`userType eq 'Guest' or department eq 'Sales'`, "oscar gus"},
		{`(userType eq 'Guest' or department eq 'Sales') and startswith(displayName,'g')`, "gus"},
		{`userType eq 'Guest' or department eq 'Sales' and startswith(displayName,'g')`, "gus"},
		{`id in ('` + ada + `','` + mia + `','nobody')`, "ada mia"},
		{`id eq '` + strings.ToUpper(ada) + `'`, "ada"},
		{`userPrincipalName eq 'MIA@company.com'`, "mia"},
		{`userPrincipalName eq 'gus_fabrikam.com#EXT#@company.onmicrosoft.com'`, "gus"},
		{`displayName eq 'Ada "the" Lovelace'`, "ada"},
		{`displayName eq 'it''s'`, ""},
		{`startsWith(mail,'m') eq true`, "mia maryam"},
		{`displayName ge 'M' and displayName le 'N'`, "mia"},
		{`otherMails/any(x:x eq 'gus@home.example')`, "gus"},
		{`otherMails/any(x:startswith(x,'gus@h'))`, "gus"},
		{`proxyAddresses/any(p:p eq 'smtp:oscar.ward@company.com')`, "oscar"},
		{`identities/any(c:c/issuerAssignedId eq 'g-1' and c/issuer eq 'google.com')`, "gus"},
		{`identities/any(c:c/issuerAssignedId eq 'g-1' and c/issuer eq 'ExternalAzureAD')`, ""},
		{`createdDateTime ge 2019-12-31T00:00:00Z`, "oscar"},
		{`creationType eq 'Invitation'`, "gus"},
		{`onPremisesSyncEnabled eq true`, "mia"},
	} {
		got := everyone.Replace(c.get("/v1.0/users?$select=id&$filter="+test.filter).want(t, 200).column("id"))
		assert.Equal(t, test.filter, got, test.want)
	}
	for _, test := range []struct{ filter, want string }{
		{`userType ne 'Guest'`, "oscar ada mia maryam"},
		{`userType eq null`, "mia"},
		{`mail eq null`, "ada"},
		{`mail ne null`, "oscar gus mia maryam"},
		{`not(userType eq 'Member')`, "gus mia"},
		{`NOT startswith(displayName,'m')`, "oscar ada gus maryam"},
		{`endswith(mail,'@FABRIKAM.com')`, "gus"},
		{`endswith(userPrincipalName,'@company.com')`, "oscar ada mia maryam"},
		{`companyName eq 'Company'`, "oscar"},
		{`employeeType eq 'Employee'`, "oscar"},
		{`onPremisesExtensionAttributes/extensionAttribute1 eq 'blue'`, "oscar"},
		{`not(otherMails/any(x:startswith(x,'gus')))`, "oscar ada mia maryam"},
	} {
		got := everyone.Replace(
			c.advanced("/v1.0/users?$count=true&$select=id&$filter="+test.filter).want(t, 200).column("id"),
		)
		assert.Equal(t, test.filter, got, test.want)
		c.get("/v1.0/users?$select=id&$filter="+test.filter).want(t, 400, "Request_UnsupportedQuery")
		c.get("/v1.0/users?$count=true&$select=id&$filter="+test.filter).want(t, 400, "Request_UnsupportedQuery")
		c.advanced("/v1.0/users?$select=id&$filter="+test.filter).want(t, 400, "Request_UnsupportedQuery")
	}
}

func TestFilterRefusals(t *testing.T) {
	c := newClient(t)
	many := strings.TrimSuffix(strings.Repeat("displayName eq 'x' or ", 16), " or ")
	for _, test := range []struct{ filter, code, message string }{
		{`id ge 'x'`, "Request_UnsupportedQuery", odata.ErrNotIndexed.Message},
		{`createdDateTime gt 2020-01-01T00:00:00Z`, "Request_UnsupportedQuery", odata.ErrNotIndexed.Message},
		{`startswith(userType,'M')`, "Request_UnsupportedQuery", odata.ErrNotIndexed.Message},
		{`creationType eq null`, "Request_UnsupportedQuery", odata.ErrNotIndexed.Message},
		{`endswith(displayName,'x')`, "Request_UnsupportedQuery", odata.ErrNotIndexed.Message},
		{`endswith(mail,'x')`, "Request_UnsupportedQuery", odata.ErrUnsupported.Message},
		{`identities/any(c:c/issuer eq 'x')`, "Request_UnsupportedQuery", odata.ErrUnsupported.Message},
		{
			`foo eq 'x'`, "BadRequest",
			"Invalid filter clause: Could not find a property named 'foo' on type 'microsoft.graph.user'.",
		},
		{`accountEnabled eq 'true'`, "BadRequest", "operand types 'Edm.Boolean' and 'Edm.String'"},
		{`displayName eq true`, "BadRequest", "incompatible types"},
		{`contains(displayName,'x')`, "BadRequest", "unknown function with name 'contains'"},
		{`displayName eq 'x`, "BadRequest", "unterminated"},
		{`displayName`, "BadRequest", "Syntax error"},
		{`displayName eq`, "BadRequest", "Syntax error"},
		{`(displayName eq 'x'`, "BadRequest", "Syntax error"},
		{`displayName eq 'x' userType eq 'y'`, "BadRequest", "Syntax error"},
		{`otherMails eq 'x'`, "BadRequest", "any"},
		{`mail/any(x:x eq 'y')`, "BadRequest", "isn't one"},
		{`otherMails/any(x:y eq 'z')`, "BadRequest", "range variable"},
		{strings.Repeat("(", 100) + "displayName eq 'x'", "BadRequest", "nested too deeply"},
		{many, "Request_UnsupportedQuery", "Too many child clauses"},
	} {
		r := c.get("/v1.0/users?$filter="+test.filter).want(t, 400, test.code)
		if !strings.Contains(r.message(), test.message) {
			t.Errorf("%s: got %q, want %q", test.filter, r.message(), test.message)
		}
	}
}

func TestGroupFilter(t *testing.T) {
	c := newClient(t)
	assert.Equal(
		t,
		"by name",
		c.get("/v1.0/groups?$filter=displayName eq 'Atlassian users'&$select=id").want(t, 200).column("id"),
		groupAtlassian,
	)
	assert.Equal(
		t, "dynamic",
		c.get("/v1.0/groups?$filter=groupTypes/any(c:c eq 'DynamicMembership')&$select=id").want(t, 200).column("id"),
		groupDynamic,
	)
	r := c.get("/v1.0/groups?$filter=foo eq 1").want(t, 400, "BadRequest")
	if !strings.Contains(r.message(), "microsoft.graph.group") {
		t.Error(r.message())
	}
}
