package decision

import (
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	engine "github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/decisiontest"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
)

// The function explain, given what an outcome accepted last, says of every user what
// the next plan of that outcome says.
func TestExplain_AgreesWithOutcome(t *testing.T) {
	for name, of := range decisiontest.Tenants {
		t.Run(name, func(t *testing.T) {
			e := of(t)
			accepted := outcome.Of(e.Decide(), nil)
			accepted.Expect(e.Decide())
			planned := planAfter(t, e, accepted)
			tenant, errTenant := e.Directory.EncodeReading()
			organization, errOrganization := e.Organization.EncodeReading()
			settings, errSettings := json.Marshal(e.Settings)
			kept, errKept := accepted.Encode()
			for _, err := range []error{errTenant, errOrganization, errSettings, errKept} {
				if err != nil {
					t.Fatal(err)
				}
			}
			last := types.TupleValueMust([]attr.Type{types.StringType}, []attr.Value{types.StringValue(kept)})
			for _, row := range planned.Rows {
				if e.Directory.UserByID(row.ID) < 0 {
					continue // a bare id that the application may not read
				}
				got, err := providertest.Call(
					t,
					explain{},
					types.ObjectNull(arguments.ObjectTypes(arguments.Explanation())),
					types.StringValue(
						tenant,
					),
					types.StringValue(organization),
					types.StringValue(string(settings)),
					types.StringValue(row.ID),
					last,
				)
				if err != nil {
					t.Fatalf("%s: %v", row.ID, err)
				}
				object, ok := got.(types.Object)
				if !ok {
					t.Fatalf("%s: got %T", row.ID, got)
				}
				if text := object.Attributes()["decision"]; !text.Equal(types.StringValue(row.Text)) {
					t.Errorf("%s: explain says %s, the outcome %s", row.ID, text, row.Text)
				}
			}
		})
	}
}

// planAfter is what the outcome's next plan says.
func planAfter(t *testing.T, e *engine.Engine, accepted *outcome.Outcome) *outcome.Outcome {
	t.Helper()
	text, err := accepted.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if accepted, err = outcome.DecodeOutcome(text); err != nil {
		t.Fatal(err)
	}
	after, err := engine.NewEngineAfter(e.Directory, e.Lookup, e.Organization, e.Settings, accepted.History())
	if err != nil {
		t.Fatal(err)
	}
	return outcome.Of(after.Decide(), accepted)
}
