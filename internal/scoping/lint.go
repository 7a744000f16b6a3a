package scoping

import (
	"slices"
	"strings"
)

// unusable lists attributes that the pages exclude from filters. [D known-issues, SCO]
var unusable = map[string]string{
	"appRoleAssignments": "app role assignments", "manager": "references", "members": "references",
	"employeeHireDate": "dates", "employeeLeaveDateTime": "dates", "createdDateTime": "dates",
	"alternativeSecurityIds": "multi-valued attributes", "proxyAddresses": "multi-valued attributes",
	"otherMails": "multi-valued attributes", "businessPhones": "multi-valued attributes",
}

// lint warns of clauses whose effect isn't sure.
func (c *compiler) lint(t test, at Error) {
	warn := func(code WarningCode, message string) {
		c.warnings = append(
			c.warnings,
			Warning{Group: at.Group, GroupName: at.GroupName, Clause: at.Clause, Code: code, Message: message},
		)
	}
	if at.Attribute == "userType" {
		warn(WarnUserType, "userType is documented as unusable in filters, yet seen in one exported job")
	} else if what, ok := unusable[at.Attribute]; ok {
		warn(WarnAttribute, at.Attribute+" is documented as unusable in filters, as "+what+" are")
	}
	switch t.op {
	case NotEquals:
		if c.program.options.NullUnderNot == NullUnderNotFails {
			warn(WarnNotEqualsNull, "for users without "+at.Attribute+" the clause is taken as false; Microsoft's "+
				"page says so of all clauses, but a built-in filter relies on the opposite")
		}
	case RegexMatch, NotRegexMatch:
		if !anchored(t.value) {
			warn(WarnAnchoring, "whether the pattern must match the whole value isn't documented; start it with ^ "+
				"and end it with $ to be sure")
		}
	case Equals:
		if t.value == "" {
			warn(WarnNeverTrue, "EQUALS with an empty value is never true: null and empty attributes make a clause "+
				"false; use IS NULL")
		}
	default: // nothing is known against the other operators
	}
}

// anchored tells whether a pattern matches the same values anywhere as it does
// as a whole: it starts with ^ or .* and ends with $ or .*, and has no
// alternatives outside of groups.
func anchored(pattern string) bool {
	start := hasAny(strings.HasPrefix, pattern, "^", `\A`, ".*")
	end := hasAny(strings.HasSuffix, pattern, "$", `\z`, `\Z`, ".*")
	return start && end && !escapedEnd(pattern) && !hasTopAlternative(pattern)
}

func hasAny(has func(s, x string) bool, pattern string, ends ...string) bool {
	return slices.ContainsFunc(ends, func(end string) bool { return has(pattern, end) })
}

// escapedEnd recognizes a closing \$, which is a dollar sign, and \.*.
func escapedEnd(pattern string) bool {
	body := strings.TrimSuffix(strings.TrimSuffix(pattern, "$"), ".*")
	if body == pattern {
		return false
	}
	slashes := len(body) - len(strings.TrimRight(body, `\`))
	return slashes%2 == 1
}

func hasTopAlternative(pattern string) bool {
	depth, class := 0, false
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '|' && depth == 0:
			return true
		}
	}
	return false
}
