package jobs

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// CrossTenantTemplate is the gallery's id of cross-tenant synchronization [graph 3.1, D].
const CrossTenantTemplate = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7"

// Gallery is the templates of [graph 3.1]. The id of Atlassian Cloud wasn't found in any source; the
// one here is made up, so that nobody relies on it.
func Gallery() []rawjson.Object {
	var out []rawjson.Object
	for _, t := range []struct{ id, name, publisher string }{
		{naming.StableID("gallery:Atlassian Cloud"), "Atlassian Cloud", "Atlassian"},
		{CrossTenantTemplate, "Microsoft Entra cross-tenant synchronization", "Microsoft"},
		{"8b1025e4-1dd2-430b-a150-2ef79cd700f5", "AWS IAM Identity Center", "Amazon Web Services, Inc."},
		{"8adf8e6e-67b2-4cf2-a259-e3dc5476c621", "Custom", ""},
	} {
		out = append(out, rawjson.Object{
			"id": t.id, "displayName": t.name, "homePageUrl": nil, "supportedSingleSignOnModes": []any{"saml"},
			"supportedProvisioningTypes": []any{"sync"}, "categories": []any{}, "publisher": t.publisher,
			"description": t.name, "logoUrl": nil,
		})
	}
	return out
}

// Template is a synchronization template [graph 3.2].
type Template struct {
	ID, factory, description string
	Schema                   func() rawjson.Object
}

// allTemplates are the connectors that there are: SCIM, and into another tenant.
func allTemplates() []Template {
	return []Template{
		{"customappsso", "CustomSCIM", "Provisioning into an application with a SCIM endpoint", scimSchema},
		{"Azure2Azure", "Azure2Azure", "Cross-tenant synchronization", crossTenantSchema},
	}
}

// TemplateByID finds a template.
func TemplateByID(id string) (Template, bool) {
	for _, t := range allTemplates() {
		if strings.EqualFold(t.ID, id) {
			return t, true
		}
	}
	return Template{}, false
}

// Templates are those of an application: of a cross-tenant app its own; any for an application that
// a snapshot brought, of which nobody knows what it is.
func (p *Principal) Templates() []Template {
	all := allTemplates()
	switch p.Gallery {
	case "":
		return all
	case CrossTenantTemplate:
		return all[1:]
	}
	return all[:1]
}

// Template finds one of the application's templates.
func (p *Principal) Template(id string) (Template, bool) {
	for _, t := range p.Templates() {
		if strings.EqualFold(t.ID, id) {
			return t, true
		}
	}
	return Template{}, false
}

// Body is the template as Graph answers it.
func (t Template) Body(p *Principal) rawjson.Object {
	return rawjson.Object{
		"id": t.ID, "applicationId": p.AppID, "default": t.ID == p.Templates()[0].ID, "description": t.description,
		"discoverable": true, "factoryTag": t.factory, "metadata": []any{},
	}
}
