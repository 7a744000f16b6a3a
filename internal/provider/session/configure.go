package session

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// Resource is what resources embed to have the session; it is nil while the CLI
// only validates.
type Resource struct{ Session *Session }

// Configure takes the session.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.Session, _ = req.ProviderData.(*Session)
}

// DataSource is what data sources embed to have the session; it is nil while the
// CLI only validates.
type DataSource struct{ Session *Session }

// Configure takes the session.
func (s *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	s.Session, _ = req.ProviderData.(*Session)
}

// Action is what actions embed to have the session; it is nil while the CLI only
// validates.
type Action struct{ Session *Session }

// Configure takes the session.
func (a *Action) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	a.Session, _ = req.ProviderData.(*Session)
}
