package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// What every answer's diagnostics pass on their way to a CLI: the last place
// where a secret of this configuration, a terminal's escape or a text without
// end could get through, whoever wrote the text.

// tidied cleans the diagnostics of an answer in place.
func (s *server) tidied(list []*tfprotov6.Diagnostic) {
	for _, d := range list {
		d.Summary, d.Detail = s.secrets.Line(d.Summary), s.secrets.Text(d.Detail)
	}
}

// withoutPath names the argument in the detail instead of pointing to it.
// Terraform 1.15 and later prints the whole source of a nested path, and every
// CLI the line of a path of one step: in the provider block, with the secrets
// that stand there. It is for the framework's own diagnostics too, those of
// validators and conversions.
func withoutPath(list []*tfprotov6.Diagnostic) {
	for _, d := range list {
		if argument := dotted(d.Attribute); argument != "" && !strings.Contains(d.Detail, argument) {
			d.Detail = argument + ": " + d.Detail
		}
		d.Attribute = nil
	}
}

// dotted is an argument's path in words.
func dotted(path *tftypes.AttributePath) string {
	if path == nil {
		return ""
	}
	var steps []string
	for _, step := range path.Steps() {
		switch x := step.(type) {
		case tftypes.AttributeName:
			steps = append(steps, string(x))
		case tftypes.ElementKeyString:
			steps = append(steps, string(x))
		}
	}
	return strings.Join(steps, ".")
}

// ValidateProviderConfig passes the answer on without paths.
func (s *server) ValidateProviderConfig(
	ctx context.Context, r *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	a, err := s.protocol.ValidateProviderConfig(ctx, r)
	if a != nil {
		withoutPath(a.Diagnostics)
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// ConfigureProvider passes the answer on without paths.
func (s *server) ConfigureProvider(
	ctx context.Context, r *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	a, err := s.protocol.ConfigureProvider(ctx, r)
	if a != nil {
		withoutPath(a.Diagnostics)
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// ValidateResourceConfig tidies the answer.
func (s *server) ValidateResourceConfig(
	ctx context.Context, r *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	a, err := s.protocol.ValidateResourceConfig(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// UpgradeResourceState tidies the answer.
func (s *server) UpgradeResourceState(
	ctx context.Context, r *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	a, err := s.protocol.UpgradeResourceState(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// UpgradeResourceIdentity tidies the answer.
func (s *server) UpgradeResourceIdentity(
	ctx context.Context, r *tfprotov6.UpgradeResourceIdentityRequest,
) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	a, err := s.protocol.UpgradeResourceIdentity(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// ReadResource tidies the answer.
func (s *server) ReadResource(
	ctx context.Context, r *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	a, err := s.protocol.ReadResource(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// PlanResourceChange tidies the answer.
func (s *server) PlanResourceChange(
	ctx context.Context, r *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	a, err := s.protocol.PlanResourceChange(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// ApplyResourceChange tidies the answer.
func (s *server) ApplyResourceChange(
	ctx context.Context, r *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	a, err := s.protocol.ApplyResourceChange(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// ImportResourceState tidies the answer.
func (s *server) ImportResourceState(
	ctx context.Context, r *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	a, err := s.protocol.ImportResourceState(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// MoveResourceState tidies the answer.
func (s *server) MoveResourceState(
	ctx context.Context, r *tfprotov6.MoveResourceStateRequest,
) (*tfprotov6.MoveResourceStateResponse, error) {
	a, err := s.protocol.MoveResourceState(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// GenerateResourceConfig tidies the answer.
func (s *server) GenerateResourceConfig(
	ctx context.Context, r *tfprotov6.GenerateResourceConfigRequest,
) (*tfprotov6.GenerateResourceConfigResponse, error) {
	a, err := s.protocol.GenerateResourceConfig(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// ValidateDataResourceConfig tidies the answer.
func (s *server) ValidateDataResourceConfig(
	ctx context.Context, r *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	a, err := s.protocol.ValidateDataResourceConfig(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// ReadDataSource tidies the answer.
func (s *server) ReadDataSource(
	ctx context.Context, r *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	a, err := s.protocol.ReadDataSource(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// ValidateEphemeralResourceConfig tidies the answer.
func (s *server) ValidateEphemeralResourceConfig(
	ctx context.Context, r *tfprotov6.ValidateEphemeralResourceConfigRequest,
) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	a, err := s.protocol.ValidateEphemeralResourceConfig(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// OpenEphemeralResource tidies the answer.
func (s *server) OpenEphemeralResource(
	ctx context.Context, r *tfprotov6.OpenEphemeralResourceRequest,
) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	a, err := s.protocol.OpenEphemeralResource(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// RenewEphemeralResource tidies the answer.
func (s *server) RenewEphemeralResource(
	ctx context.Context, r *tfprotov6.RenewEphemeralResourceRequest,
) (*tfprotov6.RenewEphemeralResourceResponse, error) {
	a, err := s.protocol.RenewEphemeralResource(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// CloseEphemeralResource tidies the answer.
func (s *server) CloseEphemeralResource(
	ctx context.Context, r *tfprotov6.CloseEphemeralResourceRequest,
) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	a, err := s.protocol.CloseEphemeralResource(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// ValidateListResourceConfig tidies the answer.
func (s *server) ValidateListResourceConfig(
	ctx context.Context, r *tfprotov6.ValidateListResourceConfigRequest,
) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	a, err := s.protocol.ValidateListResourceConfig(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// ValidateActionConfig tidies the answer.
func (s *server) ValidateActionConfig(
	ctx context.Context, r *tfprotov6.ValidateActionConfigRequest,
) (*tfprotov6.ValidateActionConfigResponse, error) {
	a, err := s.protocol.ValidateActionConfig(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// PlanAction tidies the answer.
func (s *server) PlanAction(
	ctx context.Context, r *tfprotov6.PlanActionRequest,
) (*tfprotov6.PlanActionResponse, error) {
	a, err := s.protocol.PlanAction(ctx, r)
	if a != nil {
		s.tidied(a.Diagnostics)
	}
	return a, err
}

// ListResource tidies what each result says.
func (s *server) ListResource(
	ctx context.Context, r *tfprotov6.ListResourceRequest,
) (*tfprotov6.ListResourceServerStream, error) {
	a, err := s.protocol.ListResource(ctx, r)
	if a == nil || a.Results == nil {
		return a, err
	}
	results := a.Results
	a.Results = func(yield func(tfprotov6.ListResourceResult) bool) {
		results(func(one tfprotov6.ListResourceResult) bool {
			s.tidied(one.Diagnostics)
			return yield(one)
		})
	}
	return a, err
}
