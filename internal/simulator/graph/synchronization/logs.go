package synchronization

import (
	"cmp"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// readLogs are the permissions of the logs ([graph 3.8], [graph 6]; the second is [?]).
var readLogs = []string{"AuditLog.Read.All", "ProvisioningLog.Read.All"}

// The terms of the filter [graph 3.8, D]: eq and contains on texts; eq, gt and lt on the two that
// are measured.
var (
	logTerm     = regexp.MustCompile(`^([A-Za-z/]+) (eq|gt|lt) ('(?:[^']|'')*'|[0-9TZ:.+-]+)$`)
	logContains = regexp.MustCompile(`^contains\(([A-Za-z/]+), ?('(?:[^']|'')*')\)$`)
)

// logProperties are the filter's names, in lower case, with the way to their value.
var logProperties = map[string]string{
	"id":                            "id",
	"jobid":                         "jobId",
	"changeid":                      "changeId",
	"cycleid":                       "cycleId",
	"provisioningaction":            "provisioningAction",
	"tenantid":                      "tenantId",
	"provisioningstatusinfo/status": "provisioningStatusInfo/status",
	"status":                        "provisioningStatusInfo/status",
	"serviceprincipal/id":           "servicePrincipal/id",
	"serviceprincipal/displayname":  "servicePrincipal/displayName",
	"sourceidentity/id":             "sourceIdentity/id",
	"sourceidentity/displayname":    "sourceIdentity/displayName",
	"targetidentity/id":             "targetIdentity/id",
	"targetidentity/displayname":    "targetIdentity/displayName",
	"sourceidentity/identitytype":   "sourceIdentity/identityType",
	"targetidentity/identitytype":   "targetIdentity/identityType",
	"sourcesystem/displayname":      "sourceSystem/displayName",
	"targetsystem/displayname":      "targetSystem/displayName",
	"initiatedby/displayname":       "initiatedBy/displayName",
	"activitydatetime":              "activityDateTime",
	"durationinmilliseconds":        "durationInMilliseconds",
}

// listLogs answers the cycles' entries, the newest first, and the snapshot's: five requests in ten seconds
// [graph 6, D],
// $skiptoken only with $top [graph 3.8, D].
func listLogs(c *call) *kernel.Response {
	c.srv.Store.Mu.Lock()
	defer c.srv.Store.Mu.Unlock()
	if refusal := c.limited("logs"); refusal != nil {
		return refusal
	}
	if a := c.UnknownOptions([]string{"$filter", "$top", "$skiptoken", "$orderby", "$format"}); a != nil {
		return a
	}
	if order := c.Query.Value("$orderby"); order != "" && order != "activityDateTime desc" {
		return c.Fail(odata.NotBuilt("$orderby=" + order + " on logs"))
	}
	passes, refusal := c.logFilter()
	if refusal != nil {
		return refusal
	}
	all, err := c.srv.Jobs.AllLogs()
	if err != nil {
		return c.Fail(
			odata.Error{
				Status: http.StatusInternalServerError, Code: "InternalServerError",
				Message: "The snapshot's provisioning_logs are no list.",
			},
		)
	}
	value := []json.RawMessage{}
	for _, raw := range all {
		if passes(raw) {
			value = append(value, raw)
		}
	}
	top, from, refusal := c.logPage()
	if refusal != nil {
		return refusal
	}
	out := map[string]any{"@odata.context": c.Root() + "/$metadata#auditLogs/provisioning"}
	value = value[min(from, len(value)):]
	if len(value) > top {
		value = value[:top]
		next := c.Query
		if c.Query.Value("$top") == "" {
			next = &kernel.Query{
				Names: append(
					[]string{"$top"},
					c.Query.Names...),
				Values: append([]string{strconv.Itoa(top)}, c.Query.Values...),
			}
		}
		out["@odata.nextLink"] = c.Root() + "/auditLogs/provisioning?" + next.With("$skiptoken", strconv.Itoa(from+top))
	}
	out["value"] = value
	return c.Encode(http.StatusOK, out)
}

// logPage is $top, up to 999 [?], and where $skiptoken begins.
func (c *call) logPage() (top, from int, refusal *kernel.Response) {
	top = c.srv.Behavior.PageSize
	if text, ok := c.Query.Get("$top"); ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 999 {
			return 0, 0, c.Fail(odata.BadRequest("BadRequest", "Invalid value '"+text+"' for query option '$top'."))
		}
		top = n
	}
	if text, ok := c.Query.Get("$skiptoken"); ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || c.Query.Value("$top") == "" {
			return 0, 0, c.Fail(odata.BadRequest("BadRequest", "Invalid $skiptoken."))
		}
		from = n
	}
	return top, from, nil
}

// logComparison is one term of a filter.
type logComparison struct{ path, operator, value string }

// logFilter reads terms joined by and.
func (c *call) logFilter() (func(json.RawMessage) bool, *kernel.Response) {
	var terms []logComparison
	for text := range splitTerms(c.Query.Value("$filter")) {
		m := logTerm.FindStringSubmatch(text)
		if n := logContains.FindStringSubmatch(text); n != nil {
			m = []string{text, n[1], "contains", n[2]}
		}
		if m == nil {
			return nil, c.Fail(odata.NotBuilt("the filter " + text + " on logs"))
		}
		path := logProperties[strings.ToLower(m[1])]
		if path == "" {
			return nil, c.Fail(odata.NotBuilt("a filter on " + m[1] + " of logs"))
		}
		measured := path == "activityDateTime" || path == "durationInMilliseconds"
		if quoted := m[3][0] == '\''; quoted == measured || !measured && (m[2] == "gt" || m[2] == "lt") ||
			measured && m[2] == "contains" {
			return nil, c.Fail(odata.BadRequest("BadRequest", "Invalid filter clause: '"+text+"'."))
		}
		terms = append(terms, logComparison{path, m[2], strings.ReplaceAll(strings.Trim(m[3], "'"), "''", "'")})
	}
	return func(raw json.RawMessage) bool {
		var entry rawjson.Object
		return json.Unmarshal(
			raw, &entry,
		) == nil && !slices.ContainsFunc(terms, func(t logComparison) bool { return !t.holds(entry) })
	}, nil
}

// splitTerms is a filter's terms; an and between quotes is text.
func splitTerms(filter string) func(func(string) bool) {
	return func(yield func(string) bool) {
		begin, quoted := 0, false
		for i := range filter {
			if filter[i] == '\'' {
				quoted = !quoted
			}
			if !quoted && strings.HasPrefix(filter[i:], " and ") {
				if !yield(strings.TrimSpace(filter[begin:i])) {
					return
				}
				begin = i + len(" and ")
			}
		}
		if last := strings.TrimSpace(filter[begin:]); last != "" {
			yield(last)
		}
	}
}

// holds compares with case, but for the status [graph 3.8, D].
func (t logComparison) holds(entry rawjson.Object) bool {
	above, name, nested := strings.Cut(t.path, "/")
	v := entry[above]
	if nested {
		m, _ := v.(rawjson.Object)
		v = m[name]
	}
	var order int
	switch t.path {
	case "durationInMilliseconds":
		n, _ := v.(float64)
		want, err := strconv.ParseFloat(t.value, 64)
		if err != nil {
			return false
		}
		order = cmp.Compare(n, want)
	case "activityDateTime":
		text, _ := v.(string)
		at, err1 := time.Parse(time.RFC3339, text)
		want, err2 := time.Parse(time.RFC3339, t.value)
		if err1 != nil || err2 != nil {
			return false
		}
		order = at.Compare(want)
	default:
		text, _ := v.(string)
		if t.operator == "contains" {
			return strings.Contains(text, t.value)
		}
		return text == t.value || name == "status" && strings.EqualFold(text, t.value)
	}
	return order == map[string]int{"eq": 0, "gt": 1, "lt": -1}[t.operator]
}
