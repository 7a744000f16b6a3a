package simulator

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// crossTenantTemplate is the gallery's id of cross-tenant synchronization [graph 3.1, D].
const crossTenantTemplate = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7"

// gallery is the templates of [graph 3.1]. The id of Atlassian Cloud wasn't found in any source; the
// one here is made up, so that nobody relies on it.
func gallery() []rawjson.Object {
	var out []rawjson.Object
	for _, t := range []struct{ id, name, publisher string }{
		{naming.StableID("gallery:Atlassian Cloud"), "Atlassian Cloud", "Atlassian"},
		{crossTenantTemplate, "Microsoft Entra cross-tenant synchronization", "Microsoft"},
		{"8b1025e4-1dd2-430b-a150-2ef79cd700f5", "AWS IAM Identity Center", "Amazon Web Services, Inc."},
		{"8adf8e6e-67b2-4cf2-a259-e3dc5476c621", "Custom", ""},
	} {
		out = append(out, rawjson.Object{
			"id": t.id, "displayName": t.name, "homePageUrl": nil, "supportedSingleSignOnModes": []any{"saml"},
			"supportedProvisioningTypes": []any{"sync"}, "categories": []any{}, "publisher": t.publisher, "description": t.name, "logoUrl": nil,
		})
	}
	return out
}

// syncTemplate is a synchronization template [graph 3.2].
type syncTemplate struct {
	id, factory, description string
	schema                   func() rawjson.Object
}

// syncTemplates are the connectors that there are: SCIM, and into another tenant.
func syncTemplates() []syncTemplate {
	return []syncTemplate{
		{"customappsso", "CustomSCIM", "Provisioning into an application with a SCIM endpoint", scimSchema},
		{"Azure2Azure", "Azure2Azure", "Cross-tenant synchronization", crossTenantSchema},
	}
}

func templateByID(id string) (syncTemplate, bool) {
	for _, t := range syncTemplates() {
		if strings.EqualFold(t.id, id) {
			return t, true
		}
	}
	return syncTemplate{}, false
}

// templates are those of an application: of a cross-tenant app its own; any for an application that
// a snapshot brought, of which nobody knows what it is.
func (p *principal) templates() []syncTemplate {
	all := syncTemplates()
	switch p.gallery {
	case "":
		return all
	case crossTenantTemplate:
		return all[1:]
	}
	return all[:1]
}

func (p *principal) template(id string) (syncTemplate, bool) {
	for _, t := range p.templates() {
		if strings.EqualFold(t.id, id) {
			return t, true
		}
	}
	return syncTemplate{}, false
}

func (t syncTemplate) body(p *principal) rawjson.Object {
	return rawjson.Object{
		"id": t.id, "applicationId": p.appID, "default": t.id == p.templates()[0].id, "description": t.description,
		"discoverable": true, "factoryTag": t.factory, "metadata": []any{},
	}
}
