// Package providertest lets tests of one noun's package do with its resources
// and data sources what a CLI does, in process: over the plugin protocol, with
// a session of the test's own, against the simulator.
package providertest

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
)

// Offers are what the provider of a test has.
type Offers struct {
	Resources   []func() resource.Resource
	DataSources []func() datasource.DataSource
	Lists       []func() list.ListResource
}

// testProvider hands the session of the test to what it offers.
type testProvider struct {
	Offers
	session *session.Session
}

var _ provider.ProviderWithListResources = (*testProvider)(nil)

func (p *testProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "usersync"
}

func (p *testProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (p *testProvider) Configure(
	_ context.Context, _ provider.ConfigureRequest, resp *provider.ConfigureResponse,
) {
	if p.session != nil {
		resp.ResourceData, resp.DataSourceData, resp.ListResourceData = p.session, p.session, p.session
	}
}

func (p *testProvider) Resources(context.Context) []func() resource.Resource {
	return p.Offers.Resources
}

func (p *testProvider) DataSources(context.Context) []func() datasource.DataSource {
	return p.Offers.DataSources
}

func (p *testProvider) ListResources(context.Context) []func() list.ListResource { return p.Lists }

// CLI asks a provider as Terraform does.
type CLI struct {
	t       *testing.T
	server  server
	schemas *tfprotov6.GetProviderSchemaResponse
}

type server interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
}

// New makes a provider that is configured with a session; nil for one that the
// CLI hasn't configured, as while it validates.
func New(t *testing.T, session *session.Session, offers Offers) *CLI {
	t.Helper()
	c := &CLI{t: t}
	var ok bool
	if c.server, ok = providerserver.NewProtocol6(&testProvider{offers, session})().(server); !ok {
		t.Fatal("the framework's server can't list")
	}
	var err error
	c.schemas, err = c.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(c.schemas.Diagnostics) > 0 {
		t.Fatal(err, said(c.schemas.Diagnostics))
	}
	config := c.dynamic(c.schemas.Provider.ValueType(), map[string]any{})
	resp, err := c.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatal(err, said(resp.Diagnostics))
	}
	return c
}

// State is what the CLI holds of a resource; the zero State is none.
type State struct {
	Value    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// Exists reports whether there is a resource.
func (s State) Exists() bool { return s.Value.Type() != nil && !s.Value.IsNull() }

// Change is a planned change.
type Change struct {
	// Planned is what shall be, with unknown values; nothing where the plan
	// failed.
	Planned State
	// Replaces names the arguments for which the resource is made anew.
	Replaces []string
	// Said are the diagnostics.
	Said string

	cli    *CLI
	name   string
	prior  State
	config map[string]any
}

func (c *CLI) resource(name string) *tfprotov6.Schema {
	c.t.Helper()
	s := c.schemas.ResourceSchemas[name]
	if s == nil {
		c.t.Fatalf("there is no resource %s", name)
	}
	return s
}

// Validate says what is wrong with the configuration of a resource.
func (c *CLI) Validate(name string, config map[string]any) string {
	c.t.Helper()
	resp, err := c.server.ValidateResourceConfig(c.t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: name, Config: c.dynamic(c.resource(name).ValueType(), config),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return said(resp.Diagnostics)
}

// Plan plans a resource's change from what is to what is configured; a nil
// configuration destroys it.
func (c *CLI) Plan(name string, prior State, config map[string]any) *Change {
	c.t.Helper()
	schema := c.resource(name)
	typ := schema.ValueType()
	out := &Change{cli: c, name: name, prior: prior, config: config}
	resp, err := c.server.PlanResourceChange(c.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: name, PriorState: c.stateOf(prior, typ), PriorPrivate: prior.private, PriorIdentity: prior.identity,
		Config: c.dynamic(typ, config), ProposedNewState: c.encode(proposed(schema, prior, value(typ, config))),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	out.Said = said(resp.Diagnostics)
	for _, at := range resp.RequiresReplace {
		out.Replaces = append(out.Replaces, strings.ReplaceAll(at.String(), `AttributeName("`, ""))
	}
	if !failed(resp.Diagnostics) {
		out.Planned = State{c.decode(resp.PlannedState, typ), resp.PlannedPrivate, resp.PlannedIdentity}
	}
	return out
}

// Apply carries a change out. What it leaves is what the CLI would keep, after
// an error, too.
func (p *Change) Apply() (State, string) {
	p.cli.t.Helper()
	return p.ApplyIn(p.cli.t.Context())
}

// ApplyIn is Apply within a context.
func (p *Change) ApplyIn(ctx context.Context) (State, string) {
	c := p.cli
	c.t.Helper()
	typ := c.resource(p.name).ValueType()
	if p.config != nil && !p.Planned.Exists() {
		c.t.Fatalf("%s can't be applied, the plan failed: %s", p.name, p.Said)
	}
	resp, err := c.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: p.name, PriorState: c.stateOf(p.prior, typ), PlannedState: c.stateOf(p.Planned, typ),
		Config: c.dynamic(typ, p.config), PlannedPrivate: p.Planned.private, PlannedIdentity: p.Planned.identity,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	after := State{c.decode(resp.NewState, typ), resp.Private, resp.NewIdentity}
	if p.config != nil && !failed(resp.Diagnostics) {
		c.consistent(p.Planned.Value, after.Value)
	}
	return after, said(resp.Diagnostics)
}

// consistent holds the CLI's own rule: what was known in the plan is so after
// the apply.
func (c *CLI) consistent(planned, after tftypes.Value) {
	c.t.Helper()
	var before, now map[string]tftypes.Value
	if err := planned.As(&before); err != nil {
		c.t.Fatal(err)
	}
	if err := after.As(&now); err != nil || after.IsNull() {
		c.t.Fatalf("an apply without an error left no state: %v", err)
	}
	for name, v := range before {
		if v.IsFullyKnown() && !v.Equal(now[name]) {
			c.t.Errorf("inconsistent result after apply: %s was planned as %s and is %s", name, v, now[name])
		}
	}
}

// Make plans and applies what must succeed.
func (c *CLI) Make(name string, prior State, config map[string]any) State {
	c.t.Helper()
	p := c.Plan(name, prior, config)
	if strings.Contains(p.Said, "ERROR") {
		c.t.Fatalf("planning %s: %s", name, p.Said)
	}
	after, text := p.Apply()
	if strings.Contains(text, "ERROR") {
		c.t.Fatalf("applying %s: %s", name, text)
	}
	return after
}

// Destroy plans and applies the end of a resource.
func (c *CLI) Destroy(name string, prior State) (State, string) {
	c.t.Helper()
	p := c.Plan(name, prior, nil)
	if strings.Contains(p.Said, "ERROR") {
		return prior, p.Said
	}
	after, text := p.Apply()
	return after, p.Said + text
}

// Read refreshes a resource.
func (c *CLI) Read(name string, s State) (State, string) {
	c.t.Helper()
	typ := c.resource(name).ValueType()
	resp, err := c.server.ReadResource(c.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: name, CurrentState: c.stateOf(s, typ), CurrentIdentity: s.identity, Private: s.private,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return State{c.decode(resp.NewState, typ), resp.Private, resp.NewIdentity}, said(resp.Diagnostics)
}

// Import imports a resource by its id, and reads it as the CLIs do.
func (c *CLI) Import(name, id string) (State, string) {
	c.t.Helper()
	return c.imported(&tfprotov6.ImportResourceStateRequest{TypeName: name, ID: id})
}

// Move takes over another provider's resource, as a moved block does, and reads
// it; state is its JSON.
func (c *CLI) Move(name, provider, source, state string) (State, string) {
	c.t.Helper()
	resp, err := c.server.MoveResourceState(c.t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: provider, SourceTypeName: source, SourceSchemaVersion: 1,
		SourceState: &tfprotov6.RawState{JSON: []byte(state)}, TargetTypeName: name,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	text := said(resp.Diagnostics)
	if failed(resp.Diagnostics) {
		return State{}, text
	}
	s := State{c.decode(resp.TargetState, c.resource(name).ValueType()), resp.TargetPrivate, resp.TargetIdentity}
	s, more := c.Read(name, s)
	return s, text + more
}

// ImportByIdentity imports a resource by its identity.
func (c *CLI) ImportByIdentity(name string, identity map[string]any) (State, string) {
	c.t.Helper()
	all, err := c.server.GetResourceIdentitySchemas(c.t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil || all.IdentitySchemas[name] == nil {
		c.t.Fatalf("%s has no identity: %v", name, err)
	}
	data := c.dynamic(all.IdentitySchemas[name].ValueType(), identity)
	return c.imported(&tfprotov6.ImportResourceStateRequest{
		TypeName: name, Identity: &tfprotov6.ResourceIdentityData{IdentityData: data},
	})
}

func (c *CLI) imported(req *tfprotov6.ImportResourceStateRequest) (State, string) {
	c.t.Helper()
	resp, err := c.server.ImportResourceState(c.t.Context(), req)
	if err != nil {
		c.t.Fatal(err)
	}
	text := said(resp.Diagnostics)
	if failed(resp.Diagnostics) || len(resp.ImportedResources) != 1 {
		return State{}, text
	}
	one := resp.ImportedResources[0]
	s := State{c.decode(one.State, c.resource(req.TypeName).ValueType()), one.Private, one.Identity}
	s, more := c.Read(req.TypeName, s)
	return s, text + more
}

// ReadData reads a data source.
func (c *CLI) ReadData(name string, config map[string]any) (State, string) {
	c.t.Helper()
	schema := c.schemas.DataSourceSchemas[name]
	if schema == nil {
		c.t.Fatalf("there is no data source %s", name)
	}
	d := c.dynamic(schema.ValueType(), config)
	checked, err := c.server.ValidateDataResourceConfig(c.t.Context(),
		&tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: d})
	if err != nil {
		c.t.Fatal(err)
	}
	if failed(checked.Diagnostics) {
		return State{}, said(checked.Diagnostics)
	}
	resp, err := c.server.ReadDataSource(c.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: d})
	if err != nil {
		c.t.Fatal(err)
	}
	if failed(resp.Diagnostics) {
		return State{}, said(resp.Diagnostics)
	}
	return State{Value: c.decode(resp.State, schema.ValueType())}, said(resp.Diagnostics)
}

// List lists what exists, as "terraform query" does: the names.
func (c *CLI) List(name string, config map[string]any) (names []string, text string) {
	c.t.Helper()
	schema := c.schemas.ListResourceSchemas[name]
	if schema == nil {
		c.t.Fatalf("%s can't be listed", name)
	}
	if config == nil {
		config = map[string]any{}
	}
	resp, err := c.server.ListResource(c.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: name, Config: c.dynamic(schema.ValueType(), config), IncludeResource: true,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	for r := range resp.Results {
		text += said(r.Diagnostics)
		if r.Identity != nil {
			names = append(names, r.DisplayName)
		}
	}
	return names, text
}

// Known is the change with a configuration of which more is known: the apply
// gets that, as after what the plan waited for. What was configured is in the
// plan, too.
func (p *Change) Known(config map[string]any) *Change {
	p.cli.t.Helper()
	schema := p.cli.resource(p.name)
	planned := maps.Clone(as[map[string]tftypes.Value](p.Planned.Value))
	configured := as[map[string]tftypes.Value](value(schema.ValueType(), config))
	for _, a := range schema.Block.Attributes {
		if !a.WriteOnly && !configured[a.Name].IsNull() && !planned[a.Name].IsFullyKnown() {
			planned[a.Name] = configured[a.Name]
		}
	}
	for _, b := range schema.Block.BlockTypes {
		planned[b.TypeName] = proposedBlock(b.Block, nil, configured[b.TypeName])
	}
	out := *p
	out.config = config
	out.Planned.Value = tftypes.NewValue(schema.ValueType(), planned)
	return &out
}
