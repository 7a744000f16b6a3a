package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The sub-categories that the registry's menu has beside the guides.
const (
	whoSyncs     = "Who syncs"
	readings     = "Readings"
	provisioning = "Provisioning"
	userTypes    = "User types"
	domains      = "Domains"
	crossTenant  = "Cross-tenant access"
)

// What several pages say of their permissions. The words are those of the guide on
// permissions, which has them all.
const (
	readTenant = "to read, `User.Read.All`, `GroupMember.Read.All` and `Domain.Read.All`"
	readJobs   = "`Synchronization.Read.All` and `Application.Read.All`"
	writeJobs  = "`Application.ReadWrite.OwnedBy` for applications that this one owns, else " +
		"`Synchronization.ReadWrite.All`"
	readAtlassian = "of Atlassian, an API key without scopes or with `read:domains:admin`"
	readAccounts  = "`read:directories:admin` and `read:groups:admin` for `accounts`"
	fromReadings  = "none of its own: it plans from readings, and writes nothing"
	pure          = "none: it is pure"
	deciding      = readTenant + "; for a job also " + readJobs + "; for the Atlassian connectors " + readAtlassian +
		", and " + readAccounts
)

// page is what a page begins with, beside its description.
type page struct{ category, permissions string }

// pages are the pages of what the provider offers. A page that isn't here fails.
var pages = map[string]page{
	"actions/provision_on_demand": {provisioning, "to apply, " + writeJobs},
	"actions/restart_job":         {provisioning, "to apply, " + writeJobs},

	"data-sources/connectors":            {whoSyncs, deciding},
	"data-sources/cross_tenant_partners": {crossTenant, "`Policy.Read.All`"},
	"data-sources/decision":              {whoSyncs, deciding},
	"data-sources/decisions":             {whoSyncs, deciding},
	"data-sources/directory": {
		readings,
		readTenant + "; `Member.Read.Hidden` for groups with hidden membership; with `service_principals` also " +
			readJobs,
	},
	"data-sources/domains":         {domains, deciding},
	"data-sources/mapping_preview": {provisioning, readTenant + ", and " + readJobs},
	"data-sources/organization": {
		readings,
		readAtlassian + ", and " + readAccounts + "; the SCIM directory's own key for `scim_records`. None where " +
			"the organization is declared by its `verified_domains`",
	},
	"data-sources/provisioning_log":    {provisioning, "`AuditLog.Read.All`, and " + readJobs},
	"data-sources/provisioning_schema": {provisioning, readJobs},
	"data-sources/reconciliation":      {whoSyncs, deciding + "; `AuditLog.Read.All` for `provisioning_log`"},
	"data-sources/report":              {whoSyncs, deciding},

	"ephemeral-resources/directory": {readings, "none: it reads a file"},

	"functions/evaluate":    {provisioning, pure},
	"functions/explain":     {whoSyncs, pure},
	"functions/home_domain": {whoSyncs, pure},
	"functions/in_scope":    {provisioning, pure},

	"list-resources/atlassian_domain_verification": {domains, readAtlassian},
	"list-resources/cross_tenant_partner": {
		crossTenant, "`Policy.Read.All`; `CrossTenantInformation.ReadBasic.All` for the names",
	},
	"list-resources/entra_domain":              {domains, "`Domain.Read.All`"},
	"list-resources/entra_domain_verification": {domains, "`Domain.Read.All`"},
	"list-resources/provisioning_job":          {provisioning, readJobs},
	"list-resources/provisioning_attribute":    {provisioning, readJobs},
	"list-resources/provisioning_schedule":     {provisioning, readJobs},
	"list-resources/provisioning_secret":       {provisioning, readJobs},
	"list-resources/provisioning_mapping":      {provisioning, readJobs},

	"resources/atlassian_domain_verification": {domains, readAtlassian + ". It writes nothing"},
	"resources/cross_tenant_partner": {
		crossTenant, "to read, `Policy.Read.All`; to apply, `Policy.ReadWrite.CrossTenantAccess`; " +
			"`CrossTenantInformation.ReadBasic.All` where the tenant is named by a domain",
	},
	"resources/entra_domain":              {domains, "to read, `Domain.Read.All`; to apply, `Domain.ReadWrite.All`"},
	"resources/entra_domain_verification": {domains, "to read, `Domain.Read.All`; to apply, `Domain.ReadWrite.All`"},
	"resources/outcome":                   {whoSyncs, fromReadings},
	"resources/provisioning_attribute":    {provisioning, "to read, " + readJobs + "; to apply, " + writeJobs},
	"resources/provisioning_job":          {provisioning, "to read, " + readJobs + "; to apply, " + writeJobs},
	"resources/provisioning_mapping":      {provisioning, "to read, " + readJobs + "; to apply, " + writeJobs},
	"resources/provisioning_schedule":     {provisioning, "to read, " + readJobs + "; to apply, " + writeJobs},
	"resources/provisioning_secret":       {provisioning, "to read, " + readJobs + "; to apply, " + writeJobs},
	"resources/user_type_policy": {
		userTypes, "to plan, none of its own: it plans from a reading; to refresh, `User.Read.All`; to apply with " +
			"`mode = \"enforce\"`, `User.ReadWrite.All`",
	},
	"resources/user_type_record": {userTypes, "`User.Read.All` to refresh. It writes nothing"},
}

// begin gives each page its sub-category, and the permissions at its top.
func begin(dir string) error {
	left := make(map[string]page, len(pages))
	for name, p := range pages {
		left[name] = p
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.ToSlash(rel), ".md")
		if name == "index" || strings.HasPrefix(name, "guides/") {
			return nil
		}
		p, ok := left[name]
		if !ok {
			return fmt.Errorf(
				"the page %s has no sub-category and permissions: add them to internal/docs/pages.go",
				name,
			)
		}
		delete(left, name)
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text, err := p.begin(string(raw))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return os.WriteFile(path, []byte(text), 0o644)
	})
	if err != nil || len(left) == 0 {
		return err
	}
	missing := make([]string, 0, len(left))
	for name := range left {
		missing = append(missing, name)
	}
	slices.Sort(missing)
	return fmt.Errorf("internal/docs/pages.go tells of pages that aren't there: %v", missing)
}

// begin writes what a page begins with into its text.
func (p page) begin(text string) (string, error) {
	const none = "subcategory: \"\"\n"
	if !strings.Contains(text, none) {
		return "", errors.New("it has no empty sub-category")
	}
	text = strings.Replace(text, none, fmt.Sprintf("subcategory: %q\n", p.category), 1)
	for _, mark := range []string{"## Example Usage\n", "## Signature\n", "<!-- schema generated"} {
		if before, after, ok := strings.Cut(text, mark); ok {
			return strings.TrimRight(
				before,
				"\n",
			) + "\n\n**Permissions:** " + p.permissions + ".\n\n" + mark + after, nil
		}
	}
	return "", errors.New("it has neither an example nor a schema")
}
