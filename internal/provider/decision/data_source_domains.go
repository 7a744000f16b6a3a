package decision

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/packed"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ datasource.DataSourceWithConfigure      = (*domainsSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*domainsSource)(nil)
)

// domainsSource is usersync_domains.
type domainsSource struct{ Source }

// NewDomains makes the data source usersync_domains.
func NewDomains() datasource.DataSource { return &domainsSource{} }

type domainsModel struct {
	Question
	IdentifyUsersBy types.String `tfsdk:"identify_users_by"`
	MaxNames        types.Int64  `tfsdk:"max_names"`
	Domains         types.String `tfsdk:"domains"`
}

func (s *domainsSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_domains"
}

func (s *domainsSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = sourceSchema("Every domain that the tenant or the organization knows: who is on it, where it is "+
		"verified, and what its verification decides under these settings. Home domains, the domains of tested "+
		"addresses, the tenant's own, the organization's and those that `what_if` assumes are all there. Who would "+
		"change is found by deciding again. It uses the provider's own reading of this plan.",
		arguments.IdentifyUsersBy(""),
		arguments.Argument{Name: "domains", Type: types.StringType, Computed: true, Description: domainsText},
	)
	resp.Schema.Attributes["max_names"] = schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: "How many users each list names, from 0 to 1000. Default 10; the counts are whole.",
		Validators:          []validator.Int64{int64validator.Between(0, 1000)},
	}
}

const domainsText = "A JSON object, domain (lower-case ASCII form) to what is known of it, keys sorted; take it " +
	"apart with `jsondecode`:\n  - `public_mail`: whether it is a public mail provider's, which nobody can verify.\n " +
	" - `entra`: `listed`, whether the tenant lists it, and `verified`, whether it has verified it.\n  - " +
	"`organizations`: for each of the provider's organizations `verified`, whether it counts as verified by a claim, " +
	"and `claims`, a list of `type` and `status` as the organization lists them (`missing_token` counts as verified " +
	"for 14 days at most, reported).\n  - `verified`: whether it counts as verified for the decisions: by a claim of " +
	"the organization decided for, by the sync (`connector_settings.entra_domains`) or by what `what_if` assumes.\n  " +
	"- `home`: whose home domain it is; `tested`: whose tested address lies there, in or out of scope. Both count " +
	"`users`, by type `members`, `guests`, `untyped`, and by origin `internal`, `external` (in Entra's sense).\n  - " +
	"`synced`, `skipped`, `unknown`, `not_in_scope`: the users of `tested` by today's decision.\n  - `if_verified`: " +
	"what verifying it would change, null where it counts as verified or can't be; `if_not_verified`: what losing " +
	"the verification would. Each has `gained`, `lost` and `other` (another reason, kind of account or warning), " +
	"objects of `count` and `names`.\n  - `managed_accounts`: the organization's accounts on the domain that it " +
	"manages; null without `accounts`."

func (s *domainsSource) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	var m domainsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if !resp.Diagnostics.HasError() {
		m.Validate(ctx, &resp.Diagnostics)
		RefuseOthers(&m.Connector, "usersync_domains is about the domains of an Atlassian organization",
			&resp.Diagnostics)
	}
}

func (s *domainsSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	d := &resp.Diagnostics
	var m domainsModel
	d.Append(req.Config.Get(ctx, &m)...)
	if d.HasError() {
		return
	}
	r := s.Decide(ctx, &m.Question, "", d)
	if r == nil {
		return
	}
	claims := s.claims(ctx, d)
	if d.HasError() {
		return
	}
	limit := int64(tfutil.MaxNames)
	if !m.MaxNames.IsNull() {
		limit = m.MaxNames.ValueInt64()
	}
	reports := r.Domains(int(limit), arguments.IDs(m.IdentifyUsersBy))
	raw, err := json.Marshal(domainsOf(reports, claims))
	switch {
	case err != nil:
		d.Append(tfutil.Failure(Operation, err))
	case len(raw) > packed.Max:
		tooLarge(d, "max_names", "The report of domains is", len(raw), packed.Max, "Lower max_names.")
	}
	if d.HasError() {
		return
	}
	m.Domains = types.StringValue(string(raw))
	d.Append(resp.State.Set(ctx, &m)...)
}

// claims are the domains that each of the provider's organizations lists, by
// its key.
func (s *domainsSource) claims(ctx context.Context, d *diag.Diagnostics) map[string][]directory.Claim {
	keys, err := s.Session.OrganizationKeys(ctx)
	out := make(map[string][]directory.Claim, len(keys))
	for _, key := range keys {
		o, _, readErr := s.Session.Organization(ctx, key, session.Parts{})
		if readErr != nil {
			err = fmt.Errorf("organization %q: %w", key, readErr)
			break
		}
		out[key] = o.Domains
	}
	if err != nil {
		d.Append(tfutil.Failure("Reading the organizations", err))
	}
	return out
}

// domainJSON is one domain as the attribute shows it.
type domainJSON struct {
	PublicMail      bool                `json:"public_mail"`
	Entra           entraJSON           `json:"entra"`
	Organizations   map[string]listJSON `json:"organizations"`
	Verified        bool                `json:"verified"`
	Home            usersJSON           `json:"home"`
	Tested          usersJSON           `json:"tested"`
	Synced          int                 `json:"synced"`
	Skipped         int                 `json:"skipped"`
	Unknown         int                 `json:"unknown"`
	NotInScope      int                 `json:"not_in_scope"`
	IfVerified      *changeJSON         `json:"if_verified"`
	IfNotVerified   *changeJSON         `json:"if_not_verified"`
	ManagedAccounts *int                `json:"managed_accounts"`
}

type entraJSON struct {
	Listed   bool `json:"listed"`
	Verified bool `json:"verified"`
}

type listJSON struct {
	Verified bool        `json:"verified"`
	Claims   []claimJSON `json:"claims"`
}

type claimJSON struct {
	Type   string `json:"type"`
	Status string `json:"status"`
}

type usersJSON struct {
	Users    int `json:"users"`
	Members  int `json:"members"`
	Guests   int `json:"guests"`
	Untyped  int `json:"untyped"`
	Internal int `json:"internal"`
	External int `json:"external"`
}

type changeJSON struct {
	Gained someJSON `json:"gained"`
	Lost   someJSON `json:"lost"`
	Other  someJSON `json:"other"`
}

// someJSON counts users and names the first of them.
type someJSON struct {
	Count int      `json:"count"`
	Names []string `json:"names"`
}

// domainsOf shapes the reports; claims are those of each organization.
func domainsOf(reports []decision.DomainReport, claims map[string][]directory.Claim) map[string]domainJSON {
	lists := map[string]map[string]listJSON{} // by organization and domain
	for key, list := range claims {
		lists[key] = map[string]listJSON{}
		for _, c := range list {
			l := lists[key][c.Name]
			l.Verified = l.Verified || c.Counts()
			l.Claims = append(l.Claims, claimJSON{c.Type, c.Status})
			lists[key][c.Name] = l
		}
	}
	out := make(map[string]domainJSON, len(reports))
	for i := range reports {
		r := &reports[i]
		x := domainJSON{
			PublicMail:      r.PublicMail,
			Entra:           entraJSON{r.InEntra, r.VerifiedInEntra},
			Organizations:   map[string]listJSON{},
			Verified:        r.Verified,
			Home:            usersJSON(r.Home),
			Tested:          usersJSON(r.Tested),
			Synced:          r.Synced,
			Skipped:         r.Skipped,
			Unknown:         r.Unknown,
			NotInScope:      r.NotInScope,
			IfVerified:      changeOf(r.IfVerified),
			IfNotVerified:   changeOf(r.IfNotVerified),
			ManagedAccounts: r.ManagedAccounts,
		}
		for key, list := range lists {
			l := list[r.Name]
			if l.Claims == nil {
				l.Claims = []claimJSON{}
			}
			x.Organizations[key] = l
		}
		out[r.Name] = x
	}
	return out
}

func changeOf(c *decision.DomainChange) *changeJSON {
	if c == nil {
		return nil
	}
	some := func(n int, names []string) someJSON {
		if names == nil {
			names = []string{}
		}
		return someJSON{n, names}
	}
	return &changeJSON{some(c.Gained, c.GainedNames), some(c.Lost, c.LostNames), some(c.Other, c.OtherNames)}
}
