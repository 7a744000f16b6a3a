package matrix

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/usersync/terraform-provider-usersync/internal/provider"
)

// wanted are the tests of a noun of each kind, by the end of their names.
var wanted = map[string][]string{
	"resource":    {"Life", "Drift", "Errors"},
	"data_source": {"Read", "Errors"},
	"function":    {"Values", "Errors"},
	"list":        {"Query"},
	"ephemeral":   {"Values", "LeavesNothing", "Errors"},
	"action":      {"Triggered", "Errors"},
}

// noun is something that the provider offers.
type noun struct {
	kind, name string
	// identified: it can be imported by an identity.
	identified bool
}

// file is where the matrix tests it.
func (n noun) file() string {
	return n.kind + "_" + strings.TrimPrefix(n.name, "usersync_") + "_test.go"
}

// call is how a configuration names it.
func (n noun) call() string {
	if n.kind == "function" {
		return "provider::usersync::" + n.name + "("
	}
	return n.name
}

// test is the name of one of its tests.
func (n noun) test(end string) string {
	var b strings.Builder
	for _, word := range strings.Split(n.kind+"_"+strings.TrimPrefix(n.name, "usersync_"), "_") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return "Test" + b.String() + "_" + end
}

// offered asks the provider what it has, as a CLI does.
func offered(t *testing.T) (all []noun) {
	t.Helper()
	server := provider.Server("test")()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	must(t, err)
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	must(t, err)
	for kind, names := range map[string][]string{
		"resource":    slices.Collect(maps.Keys(schemas.ResourceSchemas)),
		"data_source": slices.Collect(maps.Keys(schemas.DataSourceSchemas)),
		"function":    slices.Collect(maps.Keys(schemas.Functions)),
		"list":        slices.Collect(maps.Keys(schemas.ListResourceSchemas)),
		"ephemeral":   slices.Collect(maps.Keys(schemas.EphemeralResourceSchemas)),
		"action":      slices.Collect(maps.Keys(schemas.ActionSchemas)),
	} {
		if len(names) == 0 {
			t.Errorf("the provider offers nothing of the kind %s", kind)
		}
		for _, name := range names {
			all = append(all, noun{kind, name, kind == "resource" && identities.IdentitySchemas[name] != nil})
		}
	}
	return all
}

// gaps says what the matrix lacks of what is offered, and what it has of nothing.
func gaps(all []noun, files map[string]string) (out []string) {
	known := map[string]bool{}
	for _, n := range all {
		known[n.file()] = true
		text, ok := files[n.file()]
		if !ok {
			out = append(out, fmt.Sprintf("the %s %s has no file %s", n.kind, n.name, n.file()))
			continue
		}
		if !strings.Contains(text, n.call()) {
			out = append(out, fmt.Sprintf("%s doesn't use %s", n.file(), n.call()))
		}
		ends := wanted[n.kind]
		if n.identified {
			ends = append(slices.Clone(ends), "Identity")
		}
		for _, end := range ends {
			if !strings.Contains(text, "\nfunc "+n.test(end)+"(t *testing.T) {") {
				out = append(out, fmt.Sprintf("%s lacks %s", n.file(), n.test(end)))
			}
		}
		if n.identified && !strings.Contains(text, "importedByID(") {
			out = append(out, n.file()+" doesn't import by id")
		}
	}
	for name := range files {
		for kind := range wanted {
			if strings.HasPrefix(name, kind+"_") && !known[name] {
				out = append(out, name+" is of nothing that the provider offers")
			}
		}
	}
	slices.Sort(out)
	return out
}

// files are the tests of this package, by name.
func files(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("*_test.go")
	must(t, err)
	out := map[string]string{}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		must(t, err)
		out[name] = string(raw)
	}
	return out
}

// Whatever the provider offers is in the matrix.
func TestMatrixIsComplete(t *testing.T) {
	for _, gap := range gaps(offered(t), files(t)) {
		t.Error(gap)
	}
}

// The test above fails for what a provider could gain or lose.
func TestMatrixIsComplete_Fails(t *testing.T) {
	all, have := offered(t), files(t)
	changed := maps.Clone(have)
	changed["resource_outcome_test.go"] = strings.Replace(have["resource_outcome_test.go"], "_Drift(", "_Drifts(", 1)
	for what, x := range map[string]struct {
		all   []noun
		files map[string]string
		want  string
	}{
		"a new resource": {
			slices.Concat(all, []noun{{"resource", "usersync_new", true}}), have,
			"the resource usersync_new has no file resource_new_test.go",
		},
		"a new function": {
			slices.Concat(all, []noun{{"function", "new", false}}), have,
			"the function new has no file function_new_test.go",
		},
		"an action that goes": {
			without(all, "usersync_restart_job"), have,
			"action_restart_job_test.go is of nothing that the provider offers",
		},
		"a test under another name": {
			all, changed,
			"resource_outcome_test.go lacks TestResourceOutcome_Drift",
		},
		"a new identity": {
			slices.Concat(without(all, "usersync_outcome"), []noun{{"resource", "usersync_outcome", true}}), have,
			"resource_outcome_test.go lacks TestResourceOutcome_Identity",
		},
	} {
		if got := gaps(x.all, x.files); !slices.Contains(got, x.want) {
			t.Errorf("%s: got %q, want %q among them", what, got, x.want)
		}
	}
}

func without(all []noun, name string) []noun {
	return slices.DeleteFunc(slices.Clone(all), func(n noun) bool { return n.name == name })
}
