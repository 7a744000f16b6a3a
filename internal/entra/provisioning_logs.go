package entra

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// LogQuery says which entries of the provisioning logs to read; what is zero
// doesn't restrict.
type LogQuery struct {
	ServicePrincipalID, JobID, CycleID string
	// Action is create, update, delete, disable, stagedDelete or other, Status
	// success, failure, skipped or warning.
	Action, Status       string
	SourceID, SourceName string
	// Since and Until leave out the moments themselves: Graph compares with gt
	// and lt alone.
	Since, Until time.Time
	// Limit is how many of the newest to read; 0 for all that the service keeps.
	Limit int
}

// LogEntry is what became of one object in one cycle [graph 3.8].
type LogEntry struct {
	ID                               string
	Time                             time.Time
	JobID, CycleID, ChangeID         string
	Action, Status                   string
	SourceID, SourceName, SourceType string
	TargetID, TargetName             string
	ErrorCode, Reason                string
	RecommendedAction                string
	SkipReason                       string
	Steps                            []OnDemandStep
	Modified                         []ModifiedProperty
	Raw                              json.RawMessage
}

// logsPage is the most that a page is asked for: requests are few (five in ten
// seconds).
const logsPage = 999

// logTime has the digits that the service keeps at least.
const logTime = "2006-01-02T15:04:05.999999Z07:00"

// ProvisioningLogs reads entries of the provisioning logs, newest first.
func (c *Client) ProvisioningLogs(ctx context.Context, q LogQuery) ([]LogEntry, error) {
	if err := c.SignIn(ctx, NeedLogs); err != nil {
		return nil, err
	}
	top := logsPage
	if q.Limit > 0 {
		top = min(top, q.Limit)
	}
	options := url.Values{"$top": {strconv.Itoa(top)}, "$orderby": {"activityDateTime desc"}}
	if filter := q.filter(); filter != "" {
		options.Set("$filter", filter)
	}
	r := graph.Request{
		Method:    http.MethodGet,
		URL:       "/auditLogs/provisioning?" + encode(options),
		Operation: "reading provisioning logs",
		Need:      NeedLogs,
		Advise:    synchronizationAdvice,
		Limit:     c.logsLimit,
	}
	var entries []LogEntry
	full := func() bool { return q.Limit > 0 && len(entries) >= q.Limit }
	err := c.graph.Pages(ctx, r, func(value []byte) error {
		_, err := directory.NewDecoder(nil).Array(value, func(raw []byte) error {
			if full() {
				return nil
			}
			e, err := decodeLogEntry(raw)
			entries = append(entries, e)
			return err
		})
		if err == nil && full() {
			return graph.ErrEnough
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(entries, func(a, b LogEntry) int { return b.Time.Compare(a.Time) })
	return entries, nil
}

// filter names properties as [graph 3.8] lists them.
func (q LogQuery) filter() string {
	var terms []string
	for _, t := range []struct{ name, value string }{
		{"servicePrincipal/id", q.ServicePrincipalID},
		{"jobid", q.JobID},
		{"cycleid", q.CycleID},
		{"provisioningAction", q.Action},
		{"provisioningStatusInfo/status", q.Status},
		{"sourceIdentity/id", q.SourceID},
		{"sourceIdentity/displayName", q.SourceName},
	} {
		if t.value != "" {
			terms = append(terms, t.name+" eq '"+escapeQuotes(t.value)+"'")
		}
	}
	if !q.Since.IsZero() {
		terms = append(terms, "activityDateTime gt "+q.Since.UTC().Format(logTime))
	}
	if !q.Until.IsZero() {
		terms = append(terms, "activityDateTime lt "+q.Until.UTC().Format(logTime))
	}
	return strings.Join(terms, " and ")
}

type logBody struct {
	ID       string         `json:"id"`
	Time     graphTime      `json:"activityDateTime"`
	JobID    string         `json:"jobId"`
	CycleID  string         `json:"cycleId"`
	ChangeID string         `json:"changeId"`
	Action   string         `json:"provisioningAction"`
	Source   identityBody   `json:"sourceIdentity"`
	Target   identityBody   `json:"targetIdentity"`
	Steps    []stepBody     `json:"provisioningSteps"`
	Modified []propertyBody `json:"modifiedProperties"`
	Info     struct {
		Status string `json:"status"`
		Error  struct {
			Code              string `json:"errorCode"`
			Reason            string `json:"reason"`
			AdditionalDetails string `json:"additionalDetails"`
			RecommendedAction string `json:"recommendedAction"`
		} `json:"errorInformation"`
	} `json:"provisioningStatusInfo"`
}

func decodeLogEntry(raw []byte) (LogEntry, error) {
	var b logBody
	if err := json.Unmarshal(raw, &b); err != nil {
		return LogEntry{}, fmt.Errorf("an entry: %w", err)
	}
	e := LogEntry{
		ID:                b.ID,
		Time:              b.Time.Time,
		JobID:             b.JobID,
		CycleID:           b.CycleID,
		ChangeID:          b.ChangeID,
		Action:            b.Action,
		Status:            b.Info.Status,
		SourceID:          b.Source.ID,
		SourceName:        b.Source.DisplayName,
		SourceType:        b.Source.Type,
		TargetID:          b.Target.ID,
		TargetName:        b.Target.DisplayName,
		ErrorCode:         b.Info.Error.Code,
		Reason:            cmp.Or(b.Info.Error.Reason, b.Info.Error.AdditionalDetails),
		RecommendedAction: b.Info.Error.RecommendedAction,
		Steps:             stepsOf(b.Steps),
		Modified:          modifiedOf(b.Modified),
		Raw:               bytes.Clone(raw),
	}
	for _, s := range e.Steps {
		e.SkipReason = cmp.Or(e.SkipReason, s.Details["SkipReason"])
	}
	return e, nil
}
