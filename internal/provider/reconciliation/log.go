package reconciliation

import (
	"context"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/reconcile"
	"github.com/usersync/terraform-provider-usersync/internal/scim"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// maxLog is how many entries of the provisioning log are looked at, the newest.
const maxLog = 10_000

// readLog reads the log of the service principal that provisions, the newest first.
func (s *Source) readLog(ctx context.Context, r *decision.Result) ([]entra.LogEntry, error) {
	if s.Session.Offline() {
		return nil, &tfutil.NotConfiguredError{
			Problem: "The provider reads a snapshot instead of the services, and snapshots are read without their " +
				"provisioning logs",
			Advice: "Leave provisioning_log out, and with the connectors scim and cross_tenant_sync compare with the " +
				"services: what their targets hold is in the log.",
		}
	}
	c, err := s.Session.Entra()
	if err != nil {
		return nil, err
	}
	return c.ProvisioningLogs(ctx, entra.LogQuery{ServicePrincipalID: r.Settings.ServicePrincipal, Limit: maxLog})
}

// entriesOf are the entries by which something was done with a user.
func entriesOf(log []entra.LogEntry) []reconcile.Entry {
	list := make([]reconcile.Entry, 0, len(log))
	for i := range log {
		e := &log[i]
		if !strings.EqualFold(e.Status, "success") || !strings.EqualFold(e.SourceType, "User") {
			continue
		}
		x := reconcile.Entry{SourceID: e.SourceID, Name: e.SourceName, Action: e.Action}
		for _, m := range e.Modified {
			if m.Name == "active" || m.Name == "accountEnabled" {
				x.Active = m.New
			}
		}
		list = append(list, x)
	}
	return list
}

func targetUsers(users []scim.User) []reconcile.TargetUser {
	list := make([]reconcile.TargetUser, len(users))
	for i, u := range users {
		list[i] = reconcile.TargetUser{ID: u.ID, UserName: u.UserName, ExternalID: u.ExternalID, Active: u.Active}
	}
	return list
}

// lastOf gives what the log has last of a user, without what it says of their
// attributes.
func lastOf(r *decision.Result, entries []entra.LogEntry) func(int32) string {
	last := make(map[string]*entra.LogEntry, len(entries))
	for i := range entries {
		id := strings.ToLower(entries[i].SourceID)
		if last[id] == nil { // the newest come first
			last[id] = &entries[i]
		}
	}
	return func(i int32) string {
		e := last[r.Directory.Users[i].ID]
		if e == nil {
			return ""
		}
		entry := e.Action + ", " + e.Status
		for _, why := range []string{e.ErrorCode, e.SkipReason} {
			if why != "" {
				entry += ", " + why
			}
		}
		return text.Plain(entry) + " (" + e.Time.UTC().Format("2006-01-02 15:04") + " UTC)"
	}
}
