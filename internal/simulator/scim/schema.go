package scim

import (
	"regexp"

	"github.com/elimity-com/scim/optional"
	"github.com/elimity-com/scim/schema"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
)

var (
	userSchema = func() schema.Schema {
		s := schema.CoreUserSchema()
		for _, name := range []string{"department", "organization"} {
			s.Attributes = append(
				s.Attributes, schema.SimpleCoreAttribute(schema.SimpleStringParams(schema.StringParams{Name: name})),
			)
		}
		return s
	}()
	enterpriseSchema = schema.ExtensionEnterpriseUser()
	groupSchema      = schema.CoreGroupSchema()
	atlassianSchema  = schema.Schema{
		ID: atlassian.SCIMExtension, Name: optional.NewString("Atlassian external"),
		Attributes: []schema.CoreAttribute{schema.SimpleCoreAttribute(schema.SimpleStringParams(schema.StringParams{
			Name: "atlassianAccountId", Mutability: schema.AttributeMutabilityReadOnly(), CaseExact: true,
		}))},
	}
	eqFilter = regexp.MustCompile(
		`^(?:urn:ietf:params:scim:schemas:core:2\.0:(?:User|Group):)?(\w+) (?i:eq) ("(?:[^"\\]|\\.)*")$`,
	)
)
