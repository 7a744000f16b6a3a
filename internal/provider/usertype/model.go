// Package usertype is usersync_user_type_policy and usersync_user_type_record.
package usertype

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	policy "github.com/usersync/terraform-provider-usersync/internal/usertype"
)

// policyModel is usersync_user_type_policy.
type policyModel struct {
	ID              types.String `tfsdk:"id"`
	Directory       types.String `tfsdk:"directory"`
	Mode            types.String `tfsdk:"mode"`
	Rules           types.List   `tfsdk:"rule"`
	Record          types.String `tfsdk:"record"`
	MaxChanges      types.Int64  `tfsdk:"max_changes"`
	WaveSize        types.Int64  `tfsdk:"wave_size"`
	IdentifyUsersBy types.String `tfsdk:"identify_users_by"`
	CrossTenant     types.List   `tfsdk:"cross_tenant"`

	Desired     types.String   `tfsdk:"desired"`
	Assignments types.String   `tfsdk:"assignments"`
	Violations  types.String   `tfsdk:"violations"`
	Resolved    types.String   `tfsdk:"resolved"`
	Remaining   types.Int64    `tfsdk:"remaining"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
}

type ruleModel struct {
	Name     types.String `tfsdk:"name"`
	Match    types.Object `tfsdk:"match"`
	UserType types.String `tfsdk:"user_type"`
	Types    types.String `tfsdk:"types"`
}

// recordModel is usersync_user_type_record.
type recordModel struct {
	ID        types.String `tfsdk:"id"`
	Directory types.String `tfsdk:"directory"`
	Match     types.Object `tfsdk:"match"`
	Types     types.String `tfsdk:"types"`
	Users     types.Int64  `tfsdk:"users"`
	Differing types.Int64  `tfsdk:"differing"`
}

// Values of mode.
const (
	modeEnforce = "enforce"
	modeAudit   = "audit"
)

// ids reports that users are named by their object ids.
func (m *policyModel) ids() bool { return arguments.IDs(m.IdentifyUsersBy) }

// rules are the policy's rules; everything must be known.
func (m *policyModel) rules(ctx context.Context, d *diag.Diagnostics) []policy.Rule {
	var models []ruleModel
	d.Append(m.Rules.ElementsAs(ctx, &models, false)...)
	rules := make([]policy.Rule, len(models))
	for i, r := range models {
		rules[i] = policy.Rule{
			Name:  r.Name.ValueString(),
			Type:  r.UserType.ValueString(),
			Match: arguments.Match(ctx, r.Match, d),
		}
		if !r.Types.IsNull() {
			rules[i].Types = typesOf(i, r.Types.ValueString(), d)
		}
	}
	return rules
}

// typesOf reads a JSON object from object id to type.
func typesOf(rule int, text string, d *diag.Diagnostics) map[string]string {
	var out map[string]string
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		d.AddAttributeError(path.Root("rule"), "Invalid types", fmt.Sprintf("rule[%d].types: expected the types of a "+
			"usersync_user_type_record, a JSON object from object id to Member or Guest. The JSON parser says: "+
			"%v.", rule, err))
	}
	for id, t := range out {
		if t != decision.TypeMember && t != decision.TypeGuest {
			d.AddAttributeError(path.Root("rule"), "Invalid types", fmt.Sprintf("rule[%d].types: %q is given the "+
				"type %q; a policy gives Member or Guest alone. Pass the types of a usersync_user_type_record, or "+
				"write those two.", rule, id, t))
			return nil
		}
	}
	return out
}

// kept is what the names of the rules meant at the last apply; nil before it.
func (m *policyModel) kept() decision.Resolved {
	if m == nil {
		return nil
	}
	var kept decision.Resolved
	if json.Unmarshal([]byte(m.Resolved.ValueString()), &kept) != nil {
		return nil // of an older edition, which kept none
	}
	return kept
}

func mapOf(v types.String) map[string]string {
	out := map[string]string{}
	if v.IsNull() || v.IsUnknown() || json.Unmarshal([]byte(v.ValueString()), &out) != nil {
		return map[string]string{}
	}
	return out
}
