package decision

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/entratenant"
	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
)

// tenantTarget is the target tenant of a cross-tenant synchronization.
type tenantTarget struct{ *entratenant.Target }

func newTenantTarget(e *Engine) tenantTarget {
	return tenantTarget{entratenant.New(e.Tenant, e.Settings.target, nil, e.history)}
}

func (tenantTarget) title() string { return "the target tenant" }

func (tenantTarget) needs() sent.Needs { return entratenant.Needs() }

func (t tenantTarget) serve(c sent.Capabilities, covered []string) { t.Serve(c, covered) }

func (t tenantTarget) under(v *tenant.View) targetView { return t.Under(v) }

func (tenantTarget) hold(*tenant.View, *tenant.Scope) {}

func (t tenantTarget) unchecked() []string { return t.Unchecked() }

func (tenantTarget) maxGroupsLost() *int64 { return new(int64) }

// byAddress: users of one mail become one user there [cross-tenant 4].
func (tenantTarget) byAddress() bool { return true }

func (tenantTarget) nameKey(name string) string { return name }

func (tenantTarget) keepsNames() bool { return false }

func (tenantTarget) freesName() bool { return false }

// records are of who left the scope: whom the job deleted may be restored, and who stayed
// is there.
func (t tenantTarget) records(r *Result, rows func(id string) *Basis) []held.Record {
	h, out := &r.Engine.history, []held.Record{}
	if h.User == nil {
		return nil
	}
	add := func(id string, b *Basis) {
		if rows(id) != nil {
			return
		}
		after := t.Gone(*b)
		if at := r.Directory.UserByID(id); at >= 0 {
			after = r.Expect(at)
		}
		if after != (Basis{}) {
			out = append(out, held.Record{ID: id, Basis: after})
		}
	}
	h.Each(func(id string, b *Basis) bool {
		add(id, b)
		return true
	})
	for i := range h.Records {
		if h.User(h.Records[i].ID) == nil {
			add(h.Records[i].ID, &h.Records[i].Basis)
		}
	}
	slices.SortFunc(out, func(a, b held.Record) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func (tenantTarget) duplicates() Confidence { return Documented }

func (tenantTarget) namesakes() string { return "" }

func (tenantTarget) sends(u *sent.User) (text, source string) {
	return "the mail would be at " + tenant.DomainOf(u.Address), reason.PageCrossTenant
}

// unsupported doesn't occur: the target finds users by itself.
func (tenantTarget) unsupported(matching []string) (text, source string) {
	return "users are matched by " + strings.Join(matching, ", then "), reason.PageCrossTenant
}

func (t tenantTarget) cause(r *Result, i int32, d Decision, u *sent.User) string {
	switch d.Code {
	case reason.MemberCreated, reason.GuestCreated:
		return t.comes(d, u)
	case reason.AccountDeactivated:
		return "The user is blocked in the target tenant, and the job writes nothing that unblocks them: Update is " +
			"off, or accountEnabled isn't mapped."
	case reason.DuplicateAddress:
		return "Several users have one mail, and cross-tenant synchronization makes one user of the target tenant " +
			"of them. Whose values it has isn't known."
	case reason.LinkUnknown:
		if v, is := r.target.(*entratenant.View); is && v.Former(i) {
			return "The job deleted the user in the target tenant. Back within 30 days they are restored as they " +
				"were, and later they would be created, which comes to something else here. When they were deleted " +
				"isn't known."
		}
		return "Whether the user is in the target tenant already isn't known, and Create is off in the job's mapping " +
			"of users, so only who is there already is synchronized."
	case reason.NotInternalMember:
		if r.Tenant.External(i) {
			return "The user is an external user of this tenant. Cross-tenant synchronization takes internal members " +
				"alone."
		}
		return "The user is an internal guest of this tenant. Cross-tenant synchronization takes internal members " +
			"alone."
	case reason.AttributeUnknown:
		if !u.Nothing {
			return "The job gives no userType, and what a new user then is, isn't documented."
		}
	default:
	}
	return ""
}

// comes says as what a user will be there.
func (t tenantTarget) comes(d Decision, u *sent.User) string {
	typ := "Member"
	if d.Code == reason.GuestCreated {
		typ = "Guest"
	}
	switch {
	case d.Action == reason.ActionCreate || d.Action == reason.ActionCreateOrKeep:
		return d.Code.Info().Description
	case u.Type != sent.TypeOf(typ) && u.Type != sent.NoType:
		return "The user is in the target tenant as a " + typ + ", and stays so: the job writes userType on create " +
			"alone."
	case d.Action == reason.ActionUpdate:
		return "The user is in the target tenant, and is a " + typ + " there from their next change on."
	}
	return "The user is in the target tenant, as a " + typ + "."
}

func (tenantTarget) source(d Decision, _ *sent.User) string {
	switch d.Code {
	case reason.DuplicateAddress:
		return reason.PageKnownIssues
	case reason.AccountDeactivated, reason.LinkUnknown:
		return reason.PageCrossTenant
	default:
		return ""
	}
}

func (t tenantTarget) remedy(d Decision, u *sent.User) string {
	switch {
	case d.Code == reason.AccountDeactivated:
		return "Turn on Update in the job's mapping of users and map accountEnabled, or unblock the user in the " +
			"target tenant."
	case d.Code == reason.LinkUnknown && t.Creates():
		return "Look for the user among the deleted users of the target tenant."
	case d.Code == reason.LinkUnknown:
		return "Read the target tenant (target_directory), or turn on Create in the job's mapping of users."
	case d.Code == reason.AttributeUnknown && !u.Nothing:
		return "Map userType to the constant Member or Guest."
	}
	return ""
}

func (tenantTarget) warning(w *WarningInfo) (text, source string) { return w.Description, w.Source }

func (tenantTarget) disabled() string {
	return "Of somebody who is in the target tenant, the account there is blocked, not deleted; who isn't there " +
		"isn't created (documented)."
}

// effectOfLoss: [cross-tenant 6].
func (tenantTarget) effectOfLoss(_ Account, code Code, _ bool, c sent.Capabilities) (string, Confidence) {
	switch {
	case code == reason.AccountDeactivated:
		return "the user in the target tenant is blocked from signing in, and the job writes nothing that unblocks " +
			"them", Inferred
	case code == reason.AccountDisabled && !c.Disables:
		return "the job doesn't write accountEnabled, so the user in the target tenant stays enabled", Documented
	case code == reason.AccountDisabled:
		return "the user in the target tenant is blocked from signing in, not deleted", Documented
	case code == reason.NotInternalMember, code == reason.MailDomainNotVerified:
		return "the job no longer takes the user; what becomes of who is there isn't documented", Inferred
	case !c.Deletes:
		return "Delete is off in the job's mapping of users, so the user stays in the target tenant", Documented
	}
	return "the user in the target tenant is deleted, and can be restored for 30 days", Documented
}

func (tenantTarget) groupLoss() string {
	return "Taking the assignment away deletes the group in the target tenant, and whom only it brought."
}

func (tenantTarget) credentials() string {
	return "the target tenant no longer allows users to sync in, or automatic redemption is off on one side"
}
