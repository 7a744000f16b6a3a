package providertest

import (
	"fmt"
	"maps"
	"os"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
)

// Company is the example tenant, as a snapshot.
func Company(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("../../../examples/tenant/company.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// OfflineCompany reads the example tenant from its file.
func OfflineCompany(t *testing.T) *session.Session {
	t.Helper()
	return Offline(t, Company(t))
}

// Nested configures the nested-groups connector over the example's group; more
// are names and values.
func Nested(more ...any) map[string]any {
	scope := map[string]any{"groups": []string{"Atlassian users"}}
	return With(map[string]any{"connector": "atlassian_nested_groups", "scope": scope}, more...)
}

// OverSCIM configures the SCIM connector over the example's job; more are names
// and values.
func OverSCIM(more ...any) map[string]any {
	return With(map[string]any{"connector": "atlassian_scim", "service_principal": "Atlassian Cloud"}, more...)
}

// With is a configuration with more, which are names and values.
func With(config map[string]any, more ...any) map[string]any {
	out := maps.Clone(config)
	for i := 0; i+1 < len(more); i += 2 {
		out[fmt.Sprint(more[i])] = more[i+1]
	}
	return out
}
