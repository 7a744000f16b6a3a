package outcome

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	decide "github.com/usersync/terraform-provider-usersync/internal/provider/decision"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
)

// lab plans an outcome in memory, without a CLI.
type lab struct {
	t      *testing.T
	world  *directorytest.World
	config model
	state  *model
	schema schema.Schema
}

func newLab(t *testing.T) *lab {
	t.Helper()
	var s resource.SchemaResponse
	NewResource().Schema(t.Context(), resource.SchemaRequest{}, &s)
	l := &lab{t: t, world: directorytest.Base(), schema: s.Schema}
	l.config = model{
		Connector: arguments.Connector{
			Connector:         types.StringValue(decision.NestedGroups),
			Scope:             l.block("scope", map[string]attr.Value{"groups": texts("Staff")}),
			ConnectorSettings: l.block("connector_settings", nil),
		},
		WhatIf:      l.block("what_if", nil),
		Guardrails:  l.block("guardrails", nil),
		WatchGroups: types.SetNull(types.StringType),
	}
	l.config.Summary, l.config.Changes = types.ObjectNull(summaryTypes()), types.ObjectNull(changesTypes())
	l.config.Service, l.config.Unchecked = types.ObjectNull(serviceTypes()), types.ListNull(types.StringType)
	return l
}

// block is a block of the schema, with what is set in it; null where nothing is.
func (l *lab) block(name string, set map[string]attr.Value) types.Object {
	all := l.schema.Blocks[name].Type().(types.ObjectType).AttrTypes
	if set == nil {
		return types.ObjectNull(all)
	}
	values := map[string]attr.Value{}
	for name, t := range all {
		if values[name] = set[name]; set[name] == nil {
			v, err := t.ValueFromTerraform(l.t.Context(), tftypes.NewValue(t.TerraformType(l.t.Context()), nil))
			if err != nil {
				l.t.Fatal(err)
			}
			values[name] = v
		}
	}
	return types.ObjectValueMust(all, values)
}

func texts(list ...string) types.Set {
	values := make([]attr.Value, len(list))
	for i, s := range list {
		values[i] = types.StringValue(s)
	}
	return types.SetValueMust(types.StringType, values)
}

func (l *lab) guardrails(set map[string]attr.Value) {
	l.config.Guardrails = l.block("guardrails", set)
}

// raw is a model as the framework has it.
func (l *lab) raw(m *model) tfsdk.State {
	l.t.Helper()
	s := tfsdk.State{Schema: l.schema}
	if d := s.Set(l.t.Context(), m); d.HasError() {
		l.t.Fatal(d)
	}
	return s
}

// plan plans with the world as it is now.
func (l *lab) plan() (*model, diag.Diagnostics) {
	l.t.Helper()
	ctx := context.Background()
	dir, err1 := l.world.Directory().EncodeReading()
	org, err2 := l.world.Organization().EncodeReading()
	if err1 != nil || err2 != nil {
		l.t.Fatal(err1, err2)
	}
	config := l.config
	config.Directory, config.Organization = types.StringValue(dir), types.StringValue(org)
	proposed := config
	proposed.setUnknown()
	proposed.ID = types.StringUnknown()
	req := resource.ModifyPlanRequest{State: tfsdk.State{Schema: l.schema, Raw: l.raw(&config).Raw}}
	req.State.RemoveResource(ctx)
	if l.state != nil {
		req.State = l.raw(l.state)
		proposed.ID, proposed.computed = l.state.ID, l.state.computed
	}
	req.Config = tfsdk.Config(l.raw(&config))
	req.Plan = tfsdk.Plan(l.raw(&proposed))
	resp := resource.ModifyPlanResponse{Plan: req.Plan}
	NewResource().(*Resource).ModifyPlan(ctx, req, &resp)
	var out model
	if !resp.Diagnostics.HasError() {
		if d := resp.Plan.Get(ctx, &out); d.HasError() {
			l.t.Fatal(d)
		}
	}
	return &out, resp.Diagnostics
}

// accept applies a plan that must succeed.
func (l *lab) accept() *model {
	l.t.Helper()
	m, d := l.plan()
	if d.HasError() {
		l.t.Fatal(printed(d))
	}
	m.ID = types.StringValue("id")
	l.state = m
	return m
}

func printed(list diag.Diagnostics) string {
	var b strings.Builder
	for _, d := range list {
		b.WriteString(d.Severity().String() + ": " + d.Summary() + "\n" + d.Detail() + "\n")
	}
	return b.String()
}

var offered = regexp.MustCompile(`approve = "([0-9a-f]{16})"`)

func TestModifyPlan_CreateAndUnchanged(t *testing.T) {
	l := newLab(t)
	m := l.accept()
	if got := m.Severity.ValueString(); got != "review" {
		t.Errorf("severity of the create: got %s, want review", got)
	}
	var resolved map[string]map[string]string
	if err := json.Unmarshal(
		[]byte(m.Resolved.ValueString()),
		&resolved,
	); err != nil ||
		resolved["scope.groups"]["Staff"] != "g-staff" {
		t.Errorf("resolved: got %s (%v)", m.Resolved.ValueString(), err)
	}
	again, d := l.plan()
	if len(d) != 0 {
		t.Errorf("an unchanged plan says %s", printed(d))
	}
	if got, want := again.Accepted, m.Accepted; !got.Equal(want) || !again.Severity.Equal(m.Severity) {
		t.Error("an unchanged plan changes what is accepted")
	}
}

// Each guardrail: what it says, as error and as warning, and what a night's
// severity is.
func TestModifyPlan_Guardrails(t *testing.T) {
	zero, none := types.Int64Value(0), types.Float64Value(0)
	leave := func(w *directorytest.World) { w.Leave("Staff", w.Named("ann").ID) }
	disable := func(w *directorytest.World) { w.Named("ann").AccountEnabled = directory.False }
	hire := func(w *directorytest.World) { w.User(directorytest.Employee("new@company.com"), "Staff") }
	cases := map[string]struct {
		set    map[string]attr.Value
		change func(*directorytest.World)
		says   string
	}{
		"max_lost": {map[string]attr.Value{"max_lost": zero}, leave, "guardrails.max_lost: 1 user would no " +
			"longer sync; at most 0 may be lost: ann@company.com."},
		"max_lost_percent": {map[string]attr.Value{"max_lost_percent": none}, leave, "guardrails.max_lost_percent: 1 " +
			"user of 3 who sync would no longer (33.3 %)"},
		"max_left": {map[string]attr.Value{"max_left": zero}, disable, "guardrails.max_left: 1 user who synced left"},
		"max_gained": {map[string]attr.Value{"max_gained": zero}, hire, "guardrails.max_gained: 1 user would " +
			"newly sync"},
		"max_groups_lost": {
			map[string]attr.Value{"max_groups_lost": zero}, func(w *directorytest.World) { w.RemoveGroup("Team") },
			"guardrails.max_groups_lost: 1 group would leave",
		},
		"must_sync": {
			map[string]attr.Value{"must_sync": texts("ann@company.com")},
			disable,
			"guardrails.must_sync: 1 user must sync and doesn't",
		},
		"must_not_sync": {
			map[string]attr.Value{"must_not_sync": texts("member@fabrikam.com")},
			func(w *directorytest.World) { w.Named("member").UserType = "Guest" },
			"guardrails.must_not_sync: 1 user must not sync and does",
		},
		"name_moved": {
			map[string]attr.Value{"must_sync": texts("ann@company.com")}, func(w *directorytest.World) {
				w.Rename("ann", "anna@company.com")
				w.User(directorytest.Employee("ann@company.com"), "Other")
			}, "name_moved: 1 name of the configuration no longer leads to the object that was accepted",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.guardrails(c.set)
			l.accept()
			c.change(l.world)
			m, d := l.plan()
			if d.HasError() || m.Severity.ValueString() != "blocked" ||
				!strings.Contains(printed(d), "Warning: "+summaryBlocked+"\n"+c.says) {
				t.Errorf("under warn: severity %s\n%s", m.Severity.ValueString(), printed(d))
			}
			hash := offered.FindStringSubmatch(printed(d))
			if hash == nil || strings.Count(printed(d), hash[1]) != 1 {
				t.Fatalf("the hash isn't said once:\n%s", printed(d))
			}
			c.set["on_drift"] = types.StringValue("error")
			l.guardrails(c.set)
			if _, d := l.plan(); !d.HasError() ||
				!strings.Contains(printed(d), "Error: "+summaryViolated+"\n"+c.says) ||
				!strings.Contains(printed(d), "-refresh=false") {
				t.Errorf("under error:\n%s", printed(d))
			}
			c.set["approve"] = types.StringValue(hash[1])
			l.guardrails(c.set)
			if m, d := l.plan(); d.HasError() || m.Severity.ValueString() == "blocked" ||
				!strings.Contains(printed(d), summaryApproved) {
				t.Errorf("approved:\n%s", printed(d))
			}
			// It approves once: what comes after the apply is another matter.
			l.accept()
			if _, d := l.plan(); d.HasError() || strings.Contains(printed(d), summaryApproved) {
				t.Errorf("after the apply:\n%s", printed(d))
			}
		})
	}
}

// What this plan violates stops it, and an approval of something else is said.
func TestModifyPlan_ByThisPlan(t *testing.T) {
	l := newLab(t)
	l.guardrails(
		map[string]attr.Value{"max_lost": types.Int64Value(0), "approve": types.StringValue("0123456789abcdef")},
	)
	l.accept()
	l.config.Scope = l.block("scope", map[string]attr.Value{"groups": texts("Child")})
	_, d := l.plan()
	if !d.HasError() || !strings.Contains(printed(d), "This plan's configuration does it.") ||
		!strings.Contains(printed(d), `"0123456789abcdef": it is for something else`) {
		t.Errorf("%s", printed(d))
	}
}

// What is refused before anybody is decided.
func TestModifyPlan_Refusals(t *testing.T) {
	cases := map[string]struct {
		change func(*lab)
		says   string
	}{
		"another tenant": {
			func(l *lab) { l.state.Accepted = types.StringValue(otherTenant(l)) },
			"The reading is of another tenant",
		},
		"a damaged state": {
			func(l *lab) { l.state.Accepted = types.StringValue("nothing") },
			"The accepted outcome can't be read",
		},
		"a name of several": {
			func(l *lab) { twins(l); l.guardrails(map[string]attr.Value{"must_sync": texts("twin@company.com")}) },
			"Name the one you mean by its object id",
		},
		"a group nobody has": {
			func(l *lab) { l.config.Scope = l.block("scope", map[string]attr.Value{"groups": texts("Nobody")}) },
			`No group "Nobody"`,
		},
		"a clock that is none": {func(l *lab) { l.config.ReadAt = types.StringValue("yesterday") }, "read_at"},
		"types that are none": {func(l *lab) {
			l.config.WhatIf = l.block("what_if", map[string]attr.Value{"user_types": types.StringValue("[")})
		}, "what_if.user_types"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.accept()
			c.change(l)
			if _, d := l.plan(); !d.HasError() || !strings.Contains(printed(d), c.says) {
				t.Errorf("got %s, want an error with %q", printed(d), c.says)
			}
		})
	}
}

func otherTenant(l *lab) string {
	l.t.Helper()
	o := acceptedOf(l.state, &diag.Diagnostics{})
	o.TenantID = "elsewhere"
	raw, err := o.Encode()
	if err != nil {
		l.t.Fatal(err)
	}
	return raw
}

func twins(l *lab) {
	for range 2 {
		u := directorytest.Employee("twin@company.com")
		l.world.User(u, "Staff")
	}
}

// What isn't known yet leaves everything unknown, never wrong, and says why.
func TestModifyPlan_Unknown(t *testing.T) {
	l := newLab(t)
	l.config.WhatIf = types.ObjectUnknown(l.schema.Blocks["what_if"].Type().(types.ObjectType).AttrTypes)
	m, d := l.plan()
	if !m.Decisions.IsUnknown() || !m.Severity.IsUnknown() || !m.Resolved.IsUnknown() ||
		!strings.Contains(printed(d), "what_if won't be known before the apply") {
		t.Errorf("%+v\n%s", m.Decisions, printed(d))
	}
}

// With object ids nothing that a plan says or keeps names anybody, what names
// mean apart, which the configuration has.
func TestModifyPlan_ByIDs(t *testing.T) {
	l := newLab(t)
	l.config.IdentifyUsersBy = types.StringValue(arguments.ByID)
	l.accept()
	l.world.Rename("ann", "anna@company.com")
	l.world.Leave("Child", l.world.Named("ben").ID)
	m, d := l.plan()
	for _, text := range []string{printed(d), m.Decisions.ValueString(), m.ChangesMarkdown.ValueString(), m.Settings.ValueString()} {
		if strings.Contains(text, "@") {
			t.Errorf("a name or address: %s", text)
		}
	}
}

// An organization that is declared has no id; one that gets an API key later is
// the same.
func TestSameOwner(t *testing.T) {
	for name, x := range map[string]struct {
		accepted, read string
		want           bool
	}{
		"the same":        {"org", "org", true},
		"another":         {"org", "other", false},
		"declared before": {"", "org", true},
		"declared now":    {"org", "", true},
	} {
		in := decide.Inputs{
			Tenant:       &session.Tenant{Directory: &directory.Directory{TenantID: "t"}},
			Organization: &directory.Organization{ID: x.read},
		}
		var d diag.Diagnostics
		if got := sameOwner(&outcome.Outcome{TenantID: "t", OrganizationID: x.accepted}, in, &d); got != x.want {
			t.Errorf("%s: got %t, want %t: %v", name, got, x.want, d)
		}
	}
}
