package jobs

import (
	"cmp"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// The default schemas. Which attributes the Atlassian app maps is documented [graph 3.1, D], the
// ids and names around them are of the shape of 3.5 and made up here.

// EntraDirectory is the source's name in schemas and logs.
const EntraDirectory = "Azure Active Directory"

// UserAttributes and sourceGroup are attributes by their legacy names [graph 3.5, D].
const (
	UserAttributes = `objectId userPrincipalName originalUserPrincipalName displayName givenName surname mail
 mailNickname otherMails proxyAddresses accountEnabled IsSoftDeleted department jobTitle employeeId companyName country
 state city postalCode streetAddress physicalDeliveryOfficeName telephoneNumber mobile facsimileTelephoneNumber
 preferredLanguage usageLocation manager appRoleAssignments netId alternativeSecurityIds userState immutableId
 dirSyncEnabled extensionAttribute1 extensionAttribute2 extensionAttribute3 extensionAttribute4 extensionAttribute5
 extensionAttribute6 extensionAttribute7 extensionAttribute8 extensionAttribute9 extensionAttribute10
 extensionAttribute11 extensionAttribute12 extensionAttribute13 extensionAttribute14 extensionAttribute15`
	GroupAttributes = `objectId displayName mail mailNickname description securityEnabled mailEnabled members owners`
)

const (
	scimUser  = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	scimGroup = "urn:ietf:params:scim:schemas:core:2.0:Group"
)

// scimTargets are the attributes of a SCIM user that may be mapped.
var scimTargets = append(
	strings.Fields(
		`id userName active displayName title externalId preferredLanguage locale timezone nickName profileUrl userType
 name.givenName name.familyName name.formatted name.middleName
 urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department
 urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager
 urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber
 urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization
 urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division
 urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter`,
	),
	`emails[type eq "work"].value`,
	`emails[type eq "other"].value`,
	`emails[type eq "home"].value`,
	`phoneNumbers[type eq "work"].value`,
	`phoneNumbers[type eq "mobile"].value`,
	`phoneNumbers[type eq "fax"].value`,
	`addresses[type eq "work"].formatted`,
	`addresses[type eq "work"].streetAddress`,
	`addresses[type eq "work"].locality`,
	`addresses[type eq "work"].region`,
	`addresses[type eq "work"].postalCode`,
	`addresses[type eq "work"].country`,
	`roles[primary eq "True"].value`,
	`roles`,
)

// row is a default mapping: target attribute, expression, and what differs from the usual.
type row struct {
	target, expression, defaultValue, flowType string
	priority                                   int
}

func (r row) mapping() rawjson.Object {
	source, err := mapping.Parse(r.expression)
	if err != nil {
		panic(err) // a default of ours
	}
	m := rawjson.Object{
		"defaultValue": nil, "exportMissingReferences": false, "flowBehavior": "FlowWhenChanged",
		"flowType":         cmp.Or(r.flowType, "Always"),
		"matchingPriority": r.priority, "targetAttributeName": r.target, "source": mapping.Stored(source),
	}
	if r.defaultValue != "" {
		m["defaultValue"] = r.defaultValue
	}
	return m
}

func objectMapping(name, source, target string, scope any, rows []row) rawjson.Object {
	mappings := []any{}
	for _, r := range rows {
		mappings = append(mappings, r.mapping())
	}
	return rawjson.Object{
		"enabled": true, "flowTypes": "Add, Update, Delete", "name": name, "sourceObjectName": source,
		"targetObjectName": target,
		"metadata":         []any{}, "scope": scope, "attributeMappings": mappings,
	}
}

func directoryDefinition(name string, objects map[string][]string) rawjson.Object {
	list := []any{}
	for _, object := range []string{"User", scimUser, "Group", scimGroup} {
		attributes := []any{}
		for _, a := range objects[object] {
			attributes = append(attributes, attributeDefinition(a))
		}
		if len(attributes) > 0 {
			list = append(
				list,
				rawjson.Object{"name": object, "metadata": []any{}, "supportedApis": []any{}, "attributes": attributes},
			)
		}
	}
	return rawjson.Object{
		"id": naming.StableID("directory:" + name), "name": name, "readOnly": false, "version": "v1.0",
		"discoverabilities": "None",
		"discoveryDateTime": nil, "objects": list,
	}
}

func attributeDefinition(name string) rawjson.Object {
	kind := "String"
	switch name {
	case "accountEnabled",
		"IsSoftDeleted",
		"active",
		"dirSyncEnabled",
		"securityEnabled",
		"mailEnabled",
		"showInAddressList":
		kind = "Boolean"
	case "manager", "members", "owners":
		kind = "Reference"
	}
	return rawjson.Object{
		"anchor": name == "objectId" ||
			name == "id",
		"apiExpressions": []any{},
		"caseExact":      false,
		"defaultValue":   nil,
		"flowNullValues": false,
		"multivalued": name == "members" || name == "owners" || name == "proxyAddresses" || name == "otherMails" ||
			name == "appRoleAssignments",
		"mutability":        "ReadWrite",
		"name":              name,
		"required":          name == "userName",
		"type":              kind,
		"metadata":          []any{},
		"referencedObjects": []any{},
	}
}

func defaultSchema(template, rule, target string, mappings []any, directories ...any) rawjson.Object {
	return rawjson.Clone(rawjson.Object{
		"id": template, "version": "v1.0", "directories": directories,
		"synchronizationRules": []any{rawjson.Object{
			"id": naming.StableID("rule:" + template), "name": rule, "editable": true, "priority": 1,
			"sourceDirectoryName": EntraDirectory,
			"targetDirectoryName": target, "containerFilter": nil, "groupFilter": nil,
			"metadata": []any{
				rawjson.Object{"key": "defaultSourceObjectMappings", "value": "Directory"},
				rawjson.Object{"key": "supportsProvisionOnDemand", "value": "True"},
			},
			"objectMappings": mappings,
		}},
	})
}

// scimSchema is the default of customappsso.
func scimSchema() rawjson.Object {
	groups := objectMapping("Provision Azure Active Directory Groups", "Group", scimGroup, nil, []row{
		{target: "displayName", expression: "[displayName]", priority: 1},
		{target: "externalId", expression: "[objectId]"}, {target: "members", expression: "[members]"},
	})
	noScope := rawjson.Object{"groups": []any{}, "inputFilterGroups": []any{}, "categoryFilterGroups": []any{}}
	users := objectMapping("Provision Azure Active Directory Users", "User", scimUser, noScope, []row{
		{target: "userName", expression: "[userPrincipalName]", priority: 1},
		{target: "active", expression: "Not([IsSoftDeleted])"},
		{target: `emails[type eq "work"].value`, expression: "[mail]"},
		{target: "name.givenName", expression: "[givenName]"}, {target: "name.familyName", expression: "[surname]"},
		{target: "externalId", expression: "[objectId]"},
	})
	return defaultSchema("customappsso", "USER_OUTBOUND_USER", "customappsso", []any{groups, users},
		directoryDefinition(
			EntraDirectory,
			map[string][]string{"User": strings.Fields(UserAttributes), "Group": strings.Fields(GroupAttributes)},
		),
		directoryDefinition(
			"customappsso",
			map[string][]string{scimUser: scimTargets, scimGroup: {"id", "displayName", "externalId", "members"}},
		))
}

const crossTenantTarget = "Azure Active Directory (target tenant)"

// crossTenantSchema is the default of Azure2Azure ([cross-tenant 2], from an export).
func crossTenantSchema() rawjson.Object {
	rows := []row{
		{
			target:     "alternativeSecurityIds",
			expression: "AltSecIdFromNetId([netId])",
			flowType:   "ObjectAddOnly",
			priority:   1,
		},
		{target: "userType", expression: `"Member"`, flowType: "ObjectAddOnly"},
		{target: "showInAddressList", expression: `"true"`},
		{target: "userPrincipalName", expression: "[userPrincipalName]"},
		{target: "mail", expression: "[mail]"},
		{target: "IsSoftDeleted", expression: "[IsSoftDeleted]", defaultValue: "False"},
		{target: "accountEnabled", expression: "[accountEnabled]", defaultValue: "True"},
		{target: "preferredLanguage", expression: "[preferredLanguage]", defaultValue: "en-US"},
	}
	for _, name := range strings.Fields(`displayName givenName surname jobTitle department employeeId mailNickname
 manager physicalDeliveryOfficeName telephoneNumber streetAddress city state postalCode country`) {
		rows = append(rows, row{target: name, expression: "[" + name + "]"})
	}
	clause := func(attribute, operator, value string) rawjson.Object {
		return rawjson.Object{
			"sourceOperandName": attribute,
			"operatorName":      operator,
			"targetOperand":     rawjson.Object{"values": []any{value}},
		}
	}
	scope := rawjson.Object{
		"groups":               []any{},
		"categoryFilterGroups": []any{},
		"inputFilterGroups": []any{rawjson.Object{
			"name": "Filter external users",
			"clauses": []any{
				clause(
					"alternativeSecurityIds",
					"EQUALS",
					"None",
				),
				clause("userState", "NOT EQUALS", "PendingAcceptance"),
			},
		}},
	}
	users := objectMapping("Provision Azure Active Directory Users", "User", "User", scope, rows)
	target := append(strings.Fields(UserAttributes), "userType", "showInAddressList")
	return defaultSchema("Azure2Azure", "USER_INBOUND_USER", crossTenantTarget, []any{users},
		directoryDefinition(EntraDirectory, map[string][]string{"User": strings.Fields(UserAttributes)}),
		directoryDefinition(crossTenantTarget, map[string][]string{"User": target}))
}
