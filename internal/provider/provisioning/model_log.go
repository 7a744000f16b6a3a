package provisioning

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// logEntry is one of entries. All keys are there, so that HCL needs no try().
type logEntry struct {
	ID                string    `json:"id"`
	Time              string    `json:"time"`
	JobID             string    `json:"job_id"`
	CycleID           string    `json:"cycle_id"`
	Action            string    `json:"action"`
	Status            string    `json:"status"`
	Source            logObject `json:"source"`
	Target            logObject `json:"target"`
	ErrorCode         string    `json:"error_code"`
	Reason            string    `json:"reason"`
	RecommendedAction string    `json:"recommended_action"`
	SkipReason        string    `json:"skip_reason"`
	Steps             []logStep `json:"steps"`
	// Modified are names: values would spread what the log says of people.
	Modified []string `json:"modified"`
}

type logObject struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
}

type logStep struct {
	Type        string `json:"type"`
	Name        string `json:"name"`
	Status      string `json:"status"`
	Description string `json:"description"`
	// Details are of scoping alone: those of other steps hold values of
	// attributes.
	Details map[string]string `json:"details,omitempty"`
}

// read gives the newest entries that fit.
func (s *logSource) read(ctx context.Context, q entra.LogQuery) ([]entra.LogEntry, error) {
	switch {
	case s.Session == nil:
		return nil, &tfutil.NotConfiguredError{Problem: "The provider isn't configured yet"}
	case s.Session.Offline():
		return nil, &tfutil.NotConfiguredError{
			Problem: "The provider reads a snapshot instead of the services, and snapshots are read without their " +
				"provisioning logs",
			Advice: "Leave snapshot out of the provider block, or set its mode to \"record\", to read the log; or " +
				"leave this data source out.",
		}
	}
	c, err := s.Session.Entra()
	if err != nil {
		return nil, err
	}
	return c.ProvisioningLogs(ctx, q)
}

func (m *logModel) query() entra.LogQuery {
	q := entra.LogQuery{
		ServicePrincipalID: tfutil.LowerGUIDs(m.ServicePrincipalID.ValueString()),
		JobID:              tfutil.LowerGUIDs(m.JobID.ValueString()),
		CycleID:            m.CycleID.ValueString(),
		Action:             m.Action.ValueString(),
		Status:             m.Status.ValueString(),
		SourceID:           tfutil.LowerGUIDs(m.SourceID.ValueString()),
		SourceName:         m.SourceName.ValueString(),
		Since:              timeOf(m.Since),
		Until:              timeOf(m.Until),
		Limit:              defaultLogLimit,
	}
	if !m.Limit.IsNull() {
		q.Limit = int(m.Limit.ValueInt64())
	}
	return q
}

// timeOf is zero for what isn't given, or isn't a time.
func timeOf(v types.String) time.Time {
	t, err := time.Parse(time.RFC3339, v.ValueString())
	if err != nil {
		return time.Time{}
	}
	return t
}

// fill sets what is computed.
func (m *logModel) fill(list []entra.LogEntry) error {
	entries, summary, codes := make([]logEntry, len(list)), map[string]int64{}, map[string]int64{}
	for _, s := range logStatuses {
		summary[s] = 0
	}
	for i := range list {
		entries[i] = logEntryOf(&list[i])
		summary[entries[i].Status]++
		if code := entries[i].ErrorCode; code != "" {
			codes[code]++
		}
	}
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	if err := out.Encode(entries); err != nil {
		return fmt.Errorf("writing the entries: %w", err)
	}
	m.Entries = types.StringValue(strings.TrimSuffix(text.String(), "\n"))
	m.Summary, m.ByErrorCode = counted(summary), counted(codes)
	return nil
}

func counted(counts map[string]int64) types.Map {
	values := make(map[string]attr.Value, len(counts))
	for k, n := range counts {
		values[k] = types.Int64Value(n)
	}
	return types.MapValueMust(types.Int64Type, values)
}

func logEntryOf(e *entra.LogEntry) logEntry {
	out := logEntry{
		ID:                e.ID,
		Time:              e.Time.UTC().Format(time.RFC3339Nano),
		JobID:             e.JobID,
		CycleID:           e.CycleID,
		Action:            e.Action,
		Status:            strings.ToLower(e.Status),
		Source:            logObject{e.SourceID, e.SourceName, e.SourceType},
		Target:            logObject{ID: e.TargetID, Name: e.TargetName},
		ErrorCode:         e.ErrorCode,
		Reason:            e.Reason,
		RecommendedAction: e.RecommendedAction,
		SkipReason:        e.SkipReason,
		Steps:             make([]logStep, len(e.Steps)),
		Modified:          make([]string, len(e.Modified)),
	}
	for i, s := range e.Steps {
		out.Steps[i] = logStep{Type: s.Type, Name: s.Name, Status: s.Status, Description: s.Description}
		if strings.EqualFold(s.Type, "scoping") {
			out.Steps[i].Details = s.Details
		}
	}
	for i, p := range e.Modified {
		out.Modified[i] = p.Name
	}
	return out
}
