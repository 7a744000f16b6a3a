package acceptance

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func itoa(n int) string { return strconv.Itoa(n) }

// newer are blocks that Terraform has from 1.14 on, and OpenTofu hasn't: parsed
// only.
var newer = []string{"action", "list"}

// together writes snippets as modules of one configuration, so that one init and
// one run of the CLI do for all. Variables without a default get var.any, which
// nobody knows when validating.
func (b *bench) together(snippets []snippet, root string) {
	b.Helper()
	var main strings.Builder
	main.WriteString(root + "\nvariable \"any\" {\n  default = \"any\"\n}\n")
	for i, s := range snippets {
		name := fmt.Sprintf("s%03d", i)
		b.Must(os.MkdirAll(filepath.Join(b.Dir, name), 0o755))
		b.Write(name+"/main.tf", s.text)
		fmt.Fprintf(&main, "\n# %s\nmodule %q {\n  source = \"./%s\"\n", s.where, name, name)
		for _, block := range s.body.Blocks {
			if _, optional := block.Body.Attributes["default"]; block.Type == "variable" && !optional {
				fmt.Fprintf(&main, "  %s = var.any\n", block.Labels[0])
			}
		}
		main.WriteString("}\n")
	}
	b.Write("main.tf", main.String())
	b.Init()
}

// named says which snippets the modules of an output are.
func named(output string, snippets []snippet) string {
	for i, s := range snippets {
		output = strings.ReplaceAll(output, fmt.Sprintf("s%03d", i), s.where)
	}
	return output
}

// Every block of the documentation, and every example of a single thing, is valid
// for both CLIs. A block that is marked as hcl leaves something out: its
// arguments are compared with the schema alone.
func TestDocumentationBlocks(t *testing.T) {
	eachOffline(t, func(b *bench) {
		examples := exampleSnippets(b.T)
		shared := sharedBlocks(examples)
		complete, fragments := pageBlocks(b.T)
		if len(complete) < 30 || len(fragments) < 10 {
			b.Errorf("only %d blocks and %d fragments were found", len(complete), len(fragments))
		}
		var modules, roots []snippet
		seen := map[string]bool{}
		for _, s := range append(examples, complete...) {
			if seen[s.text] || s.has(newer...) || s.byIdentity() {
				continue
			}
			seen[s.text] = true
			if whole := s.completed(b.T, shared); whole.has("import") {
				roots = append(roots, whole) // import is for the root alone
			} else {
				modules = append(modules, whole)
			}
		}
		b.together(modules, requires)
		r, err := b.Workspace.Run(b.Context(), "validate", "-no-color")
		b.Must(err)
		if r.Code != 0 {
			b.Errorf("not valid for %s:\n%s", b.CLI.Name, named(r.Output, modules))
		}
		b.tidy(r.Output)
		for _, s := range roots {
			b.Write("main.tf", s.text)
			if r, err := b.Workspace.Run(b.Context(), "validate", "-no-color"); err != nil || r.Code != 0 {
				b.Errorf("%s isn't valid for %s: %v\n%s", s.where, b.CLI.Name, err, r.Output)
			}
		}

		b.Write("main.tf", requires)
		schemas := b.schemas()
		for _, s := range append(fragments, examples...) {
			b.knows(schemas, s)
		}
	})
}

// schemas are the arguments by kind of block and type: the provider's, and those
// of the modules.
func (b *bench) schemas() map[string]map[string][]string {
	b.Helper()
	type schemas map[string]struct {
		Block struct {
			Attributes map[string]json.RawMessage
		}
	}
	var answer struct {
		Providers map[string]struct {
			Provider struct {
				Block struct {
					Attributes map[string]json.RawMessage
				}
			}
			Resources schemas `json:"resource_schemas"`
			Data      schemas `json:"data_source_schemas"`
			Ephemeral schemas `json:"ephemeral_resource_schemas"`
		} `json:"provider_schemas"`
	}
	b.Must(json.Unmarshal([]byte(b.Do(0, "providers", "schema", "-json").Stdout), &answer))
	out := map[string]map[string][]string{}
	for _, p := range answer.Providers {
		out["provider"] = map[string][]string{"usersync": slices.Collect(maps.Keys(p.Provider.Block.Attributes))}
		for kind, list := range map[string]schemas{"resource": p.Resources, "data": p.Data, "ephemeral": p.Ephemeral} {
			out[kind] = map[string][]string{}
			for name, s := range list {
				out[kind][name] = slices.Collect(maps.Keys(s.Block.Attributes))
			}
		}
	}
	if len(out["resource"]) < 10 {
		b.Fatalf("only %d resources have a schema", len(out["resource"]))
	}
	out["module"] = map[string][]string{}
	for _, folder := range allModules {
		raw, err := os.ReadFile(filepath.Join(repository(b.T), "examples", folder, "variables.tf"))
		b.Must(err)
		for at := range parse(b.T, folder, string(raw)).declared() {
			out["module"][folder] = append(out["module"][folder], strings.TrimPrefix(at, "var."))
		}
	}
	return out
}

// knows fails for a block of ours whose type or argument isn't there.
func (b *bench) knows(schemas map[string]map[string][]string, s snippet) {
	b.Helper()
	meta := []string{"for_each", "count", "provider", "providers", "depends_on", "alias", "source"}
	for _, block := range s.body.Blocks {
		if len(block.Labels) == 0 {
			continue
		}
		kind := block.Labels[0]
		if block.Type == "module" {
			_, folder, ours := strings.Cut(s.source(block), "/")
			if kind = folder; !ours || !strings.HasPrefix(folder, "modules/") {
				continue
			}
		} else if !strings.HasPrefix(kind, "usersync") {
			continue
		}
		list, ours := schemas[block.Type]
		if !ours {
			continue
		}
		arguments, ok := list[kind]
		if !ok {
			b.Errorf("%s: there is no %s %s", s.where, block.Type, kind)
		}
		for name := range block.Body.Attributes {
			if ok && !slices.Contains(arguments, name) && !slices.Contains(meta, name) {
				b.Errorf("%s: %s has no argument %s", s.where, kind, name)
			}
		}
	}
}

// source is a module's, "" where it isn't plain text.
func (s snippet) source(module *hclsyntax.Block) string {
	a, ok := module.Body.Attributes["source"]
	if !ok {
		return ""
	}
	r := a.Expr.Range()
	return strings.Trim(s.text[r.Start.Byte:r.End.Byte], `"`)
}

// planned are the example folders that are whole configurations and have a
// story of their own that plans them.
var planned = map[string]string{
	"demo":                        "TestExamplesRun",
	"offline":                     "TestExamplesRun",
	"domains":                     "TestDomainsExample",
	"cross-tenant-members":        "TestCrossTenantMembers",
	"cross-tenant-members/steps":  "TestCrossTenantMembers",
	"multi_org":                   "TestMultiOrgExample",
	"multi_tenant/aliases":        "TestMultiTenantAliases",
	"multi_tenant/opentofu":       "TestMultiTenantForEach",
	"pipelines/tenant":            "TestPipelineDrift",
	"first-plan/azure-cli":        "TestFirstPlan_AzureCLI",
	"first-plan/app-registration": "TestFirstPlan_AppRegistration",
	"history":                     "TestHistory",
	"aws_identity_center":         "TestApplication_AWS",
	"applications":                "TestApplication_UsualMistakes",
}

// exampleFolders are the examples that are whole configurations.
func exampleFolders(t *testing.T) []string {
	t.Helper()
	root := filepath.Join(repository(t), "examples")
	kinds := []string{
		"provider",
		"data-sources",
		"resources",
		"ephemeral-resources",
		"functions",
		"actions",
		"list-resources",
		"modules",
	}
	var out []string
	for _, pattern := range []string{"*/*.tf", "*/*/*.tf"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			rel, _ := filepath.Rel(root, filepath.Dir(f))
			rel = filepath.ToSlash(rel)
			if top, _, _ := strings.Cut(rel, "/"); !slices.Contains(kinds, top) && !slices.Contains(out, rel) {
				out = append(out, rel)
			}
		}
	}
	return out
}

// Every example is planned against the simulated tenant: the whole
// configurations in a story of their own or here, and the snippets of the
// reference pages in one plan.
func TestEveryExamplePlans(t *testing.T) {
	each(t, func(b *bench) {
		b.signedIn()
		folders := exampleFolders(b.T)
		for folder, story := range planned {
			if !slices.Contains(folders, folder) {
				b.Errorf("there is no examples/%s for %s to plan", folder, story)
			}
		}
		for _, folder := range folders {
			if planned[folder] != "" {
				continue
			}
			m := b.examples(folder)
			switch org := b.Server.About().Organizations[0]; folder {
			case "cross-tenant":
				m.Env = append(
					slices.Clone(m.Env),
					"TF_VAR_service_principal_id="+b.app("Microsoft Entra cross-tenant synchronization"),
					"TF_VAR_target_tenant_id="+fabrikamTenant,
				)
			case "scim":
				m.Env = append(
					slices.Clone(m.Env),
					"ATLASSIAN_SCIM_DIRECTORY_ID="+org.DirectoryID,
					"ATLASSIAN_SCIM_TOKEN="+org.DirectoryToken,
					"TF_VAR_scim_url="+b.Server.URL()+"/scim/directory/"+org.DirectoryID,
					"TF_VAR_scim_token="+org.DirectoryToken,
				)
			}
			// An example without endpoints to set: a real tenant's provider block.
			if text := readFile(m, "main.tf"); strings.Contains(text, `provider "usersync" {}`) {
				m.Write("main.tf", strings.Replace(text, `provider "usersync" {}`, "provider \"usersync\" {\n  entra "+
					"{\n    graph_endpoint = "+
					"\""+b.Server.URL()+"\"\n    authority_host = \""+b.Server.URL()+"\"\n  }\n  ca_file = \""+filepath.Join(b.Dir, "ca.pem")+"\"\n}", 1))
			}
			m.Init()
			m.tidy(m.plan(2).Output)
		}
		if r := b.Do(
			0,
			"fmt",
			"-no-color",
			"-check",
			"-diff",
			"-recursive",
			filepath.Join(repository(b.T), "examples"),
		); r.Output != "" {
			b.Errorf("examples aren't formatted:\n%s", r.Output)
		}
		b.snippetsPlan()
	})
}

// snippetsPlan plans the examples of single things on the example tenant.
func (b *bench) snippetsPlan() {
	b.Helper()
	examples := exampleSnippets(b.T)
	shared := sharedBlocks(examples)
	for _, s := range examples {
		// Of the readings the one with what the example of a mapping needs.
		if strings.Contains(s.where, "usersync_provisioning_mapping") {
			shared["data.usersync_directory.now"] = s.declared()["data.usersync_directory.now"]
		}
	}
	var snippets []snippet
	for _, s := range examples {
		// The pinned file's hash is made up; the provider's block names a tenant that
		// isn't here; an import is for the root alone.
		if s.has("provider", "ephemeral", "import") || s.has(newer...) {
			continue
		}
		snippets = append(snippets, s.completed(b.T, shared))
	}
	b.together(snippets, b.ProviderBlock())
	r, err := b.Workspace.Run(b.Context(), "plan", "-no-color", "-input=false", "-detailed-exitcode")
	b.Must(err)
	if r.Code != 2 {
		_, problem, _ := strings.Cut(r.Output, "Error:")
		b.Errorf("the snippets' plan ended with %d:\n%s", r.Code, named(problem, snippets))
	}
	b.tidy(r.Output)
	if strings.Contains(r.Output, simulator.DefaultClientSecret) {
		b.Error("the plan shows a secret")
	}
}
