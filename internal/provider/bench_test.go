package provider

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// planned is a plan of usersync_outcome behind the protocol, as a CLI asks for it.
type planned struct {
	b        *testing.B
	server   tfprotov6.ProviderServer
	typ      tftypes.Type
	config   map[string]any
	computed []string
}

// largeTenant is the tenant that make bench reads.
func largeTenant(b *testing.B, users int) (*directory.Directory, *directory.Organization) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "tenant.json")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if err := (simulator.Synthetic{Users: users}).WriteSnapshot(f); err != nil {
		b.Fatal(err)
	}
	snapshot, err := directory.ReadSnapshot(path, nil)
	if err != nil {
		b.Fatal(err)
	}
	d, err := snapshot.Directory()
	if err != nil {
		b.Fatal(err)
	}
	o := &directory.Organization{ID: "org"}
	for _, domain := range d.Domains {
		o.Domains = append(o.Domains, directory.Claim{Name: domain.Name, Type: "dns", Status: directory.ClaimVerified})
	}
	return d, o
}

// newPlanned is a plan over one group of all, or over the groups two steps below it.
func newPlanned(b *testing.B, users int, parts bool) *planned {
	b.Helper()
	d, o := largeTenant(b, users)
	p := &planned{b: b, server: Server("test")()}
	schemas, err := p.server.GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		b.Fatal(err)
	}
	schema := schemas.ResourceSchemas["usersync_outcome"]
	p.typ = schema.ValueType()
	for _, a := range schema.Block.Attributes {
		if a.Computed {
			p.computed = append(p.computed, a.Name)
		}
	}
	reading, err := session.Encode(d)
	if err != nil {
		b.Fatal(err)
	}
	organization, err := o.EncodeReading()
	if err != nil {
		b.Fatal(err)
	}
	groups := []any{simulator.SyntheticScopeGroup}
	if parts {
		groups = nil
		for i := range d.Groups {
			if d.Groups[i].DisplayName == simulator.SyntheticScopeGroup {
				for _, child := range d.Groups[i].Groups {
					for _, below := range d.Groups[child].Groups {
						groups = append(groups, d.Groups[below].ID)
					}
				}
			}
		}
	}
	p.config = map[string]any{
		"directory": reading, "organization": organization, "connector": "atlassian_nested_groups", "show": "all",
		"scope": map[string]any{"groups": groups},
	}
	return p
}

func (p *planned) dynamic(v tftypes.Value) *tfprotov6.DynamicValue {
	p.b.Helper()
	d, err := tfprotov6.NewDynamicValue(p.typ, v)
	if err != nil {
		p.b.Fatal(err)
	}
	return &d
}

// request asks for a plan after a state, nil for none.
func (p *planned) request(prior *tfprotov6.DynamicValue) *tfprotov6.PlanResourceChangeRequest {
	p.b.Helper()
	config := value(p.typ, p.config)
	var proposed, was map[string]tftypes.Value
	if err := config.As(&proposed); err != nil {
		p.b.Fatal(err)
	}
	if prior == nil {
		prior = p.dynamic(tftypes.NewValue(p.typ, nil))
	} else if v, err := prior.Unmarshal(p.typ); err != nil || v.As(&was) != nil {
		p.b.Fatal(err)
	}
	proposed = maps.Clone(proposed)
	for _, name := range p.computed {
		if v, ok := was[name]; ok {
			proposed[name] = v
		} else if proposed[name].IsNull() {
			proposed[name] = tftypes.NewValue(proposed[name].Type(), tftypes.UnknownValue)
		}
	}
	return &tfprotov6.PlanResourceChangeRequest{
		TypeName: "usersync_outcome", PriorState: prior, Config: p.dynamic(config),
		ProposedNewState: p.dynamic(tftypes.NewValue(p.typ, proposed)),
	}
}

// plan gives what is planned.
func (p *planned) plan(req *tfprotov6.PlanResourceChangeRequest) *tfprotov6.DynamicValue {
	p.b.Helper()
	resp, err := p.server.PlanResourceChange(p.b.Context(), req)
	if err != nil {
		p.b.Fatal(err)
	}
	for _, d := range resp.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			p.b.Fatal(d.Summary, d.Detail)
		}
	}
	return resp.PlannedState
}

// accepted is the state after an apply of a plan.
func (p *planned) accepted(plan *tfprotov6.DynamicValue) *tfprotov6.DynamicValue {
	p.b.Helper()
	v, err := plan.Unmarshal(p.typ)
	var is map[string]tftypes.Value
	if err != nil || v.As(&is) != nil {
		p.b.Fatal(err)
	}
	is["id"] = tftypes.NewValue(tftypes.String, "id")
	return p.dynamic(tftypes.NewValue(p.typ, is))
}

// BenchmarkPlanOutcome plans an outcome of 100,000 users as a CLI has it planned, the first
// time and without a change: of one group over all, which is too large to sync, and of the
// groups two steps below it.
func BenchmarkPlanOutcome(b *testing.B) {
	for name, parts := range map[string]bool{"one": false, "parts": true} {
		p := newPlanned(b, 100_000, parts)
		first := p.request(nil)
		unchanged := p.request(p.accepted(p.plan(first)))
		run := func(name string, req *tfprotov6.PlanResourceChangeRequest) {
			b.Run(name, func(b *testing.B) {
				p.b = b
				b.ReportAllocs()
				for b.Loop() {
					p.plan(req)
				}
			})
		}
		run(name+"/first", first)
		run(name+"/unchanged", unchanged)
	}
}
