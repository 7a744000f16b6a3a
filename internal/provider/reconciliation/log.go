package reconciliation

import (
	"context"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// maxLog is how many entries of the provisioning log are looked at, the newest.
const maxLog = 10_000

// logOf reads the log of the service principal that provisions, and gives what
// it has last of a user, without what it says of their attributes.
func (s *Source) logOf(ctx context.Context, r *decision.Result) (func(int32) string, error) {
	if s.Session.Offline() {
		return nil, &tfutil.NotConfiguredError{
			Problem: "The provider reads a snapshot instead of the services, and snapshots are read without their " +
				"provisioning logs",
			Advice: "Leave provisioning_log out.",
		}
	}
	c, err := s.Session.Entra()
	if err != nil {
		return nil, err
	}
	entries, err := c.ProvisioningLogs(
		ctx,
		entra.LogQuery{ServicePrincipalID: r.Settings.ServicePrincipal, Limit: maxLog},
	)
	if err != nil {
		return nil, err
	}
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
	}, nil
}
