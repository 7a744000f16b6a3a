package simulator

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// readLogs are the permissions of the logs (graph.md 3.8 and part 6; the second is [?]).
var readLogs = []string{"AuditLog.Read.All", "ProvisioningLog.Read.All"}

// logTerm is a term of the filter that is built: eq (graph.md 3.8 [D]).
var logTerm = regexp.MustCompile(`^([A-Za-z/]+) eq '((?:[^']|'')*)'$`)

// logProperties are the filter's names, in lower case, with the way to their value.
var logProperties = map[string]string{
	"id": "id", "jobid": "jobId", "changeid": "changeId", "cycleid": "cycleId", "provisioningaction": "provisioningAction",
	"tenantid": "tenantId", "provisioningstatusinfo/status": "provisioningStatusInfo/status", "status": "provisioningStatusInfo/status",
	"serviceprincipal/id": "servicePrincipal/id", "serviceprincipal/displayname": "servicePrincipal/displayName",
	"sourceidentity/id": "sourceIdentity/id", "sourceidentity/displayname": "sourceIdentity/displayName",
	"targetidentity/id": "targetIdentity/id", "targetidentity/displayname": "targetIdentity/displayName",
}

// listLogs answers the snapshot's provisioning_logs: five requests in ten seconds (graph.md part 6
// [D]), $skiptoken only with $top (3.8 [D]).
func listLogs(c *call) *answer {
	c.srv.store.mu.Lock()
	defer c.srv.store.mu.Unlock()
	if refusal := c.limited("logs"); refusal != nil {
		return refusal
	}
	if a := c.unknownOptions([]string{"$filter", "$top", "$skiptoken", "$orderby", "$format"}); a != nil {
		return a
	}
	if order := c.query.value("$orderby"); order != "" && order != "activityDateTime desc" {
		return c.fail(notBuilt("$orderby=" + order + " on logs"))
	}
	keep, refusal := c.logFilter()
	if refusal != nil {
		return refusal
	}
	var all []json.RawMessage
	if len(c.srv.extra.logs) > 0 && json.Unmarshal(c.srv.extra.logs, &all) != nil {
		return c.fail(graphError{status: http.StatusInternalServerError, code: "InternalServerError", message: "The snapshot's provisioning_logs are no list."})
	}
	value := []json.RawMessage{}
	for _, raw := range all {
		if keep(raw) {
			value = append(value, raw)
		}
	}
	top, from, refusal := c.logPage()
	if refusal != nil {
		return refusal
	}
	out := map[string]any{"@odata.context": c.base + "/v1.0/$metadata#auditLogs/provisioning"}
	value = value[min(from, len(value)):]
	if len(value) > top {
		value = value[:top]
		next := c.query
		if c.query.value("$top") == "" {
			next = &query{append([]string{"$top"}, c.query.names...), append([]string{strconv.Itoa(top)}, c.query.values...)}
		}
		out["@odata.nextLink"] = c.base + "/v1.0/auditLogs/provisioning?" + next.replaced("$skiptoken", strconv.Itoa(from+top))
	}
	out["value"] = value
	return c.encode(http.StatusOK, out)
}

// logPage is $top, up to 999 [?], and where $skiptoken begins.
func (c *call) logPage() (top, from int, refusal *answer) {
	top = c.srv.behavior.PageSize
	if text, ok := c.query.get("$top"); ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 999 {
			return 0, 0, c.fail(badRequest("BadRequest", "Invalid value '"+text+"' for query option '$top'."))
		}
		top = n
	}
	if text, ok := c.query.get("$skiptoken"); ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || c.query.value("$top") == "" {
			return 0, 0, c.fail(badRequest("BadRequest", "Invalid $skiptoken."))
		}
		from = n
	}
	return top, from, nil
}

// logFilter reads terms joined by and. Values are compared with case, but for the status (3.8 [D]).
func (c *call) logFilter() (func(json.RawMessage) bool, *answer) {
	type term struct{ path, value string }
	var terms []term
	if filter := c.query.value("$filter"); filter != "" {
		for text := range strings.SplitSeq(filter, " and ") {
			m := logTerm.FindStringSubmatch(strings.TrimSpace(text))
			if m == nil {
				return nil, c.fail(notBuilt("the filter " + text + " on logs"))
			}
			path := logProperties[strings.ToLower(m[1])]
			if path == "" {
				return nil, c.fail(notBuilt("a filter on " + m[1] + " of logs"))
			}
			terms = append(terms, term{path, strings.ReplaceAll(m[2], "''", "'")})
		}
	}
	return func(raw json.RawMessage) bool {
		var entry jsonObject
		if json.Unmarshal(raw, &entry) != nil {
			return false
		}
		for _, t := range terms {
			above, name, nested := strings.Cut(t.path, "/")
			v := entry[above]
			if nested {
				m, _ := v.(jsonObject)
				v = m[name]
			}
			text, _ := v.(string)
			if text != t.value && (name != "status" || !strings.EqualFold(text, t.value)) {
				return false
			}
		}
		return true
	}, nil
}
