package arguments

import "github.com/hashicorp/terraform-plugin-framework/types"

func shownText(name, description string) Argument {
	return Argument{Name: name, Type: types.StringType, Description: description}
}

func number(name, description string) Argument {
	return Argument{Name: name, Type: types.Int64Type, Description: description}
}

// Counts are the counts of a summary.
func Counts() []Argument {
	return computed(
		number("users", "Users in scope."),
		number("synced", "Users who sync."),
		number("skipped", "Users who don't."),
		number("unknown", "Users of whom it is unknown."),
		number("not_in_scope", "Users of the reading who aren't in scope."),
	)
}

// Summary is summary of outcome and usersync_decisions.
func Summary() Argument {
	counts := types.MapType{ElemType: types.Int64Type}
	inside := append(Counts(),
		Argument{Name: "by_reason", Type: counts, Description: "Users in scope by reason code."},
		Argument{
			Name:        "by_home_domain",
			Type:        counts,
			Description: "Users in scope by home domain: the hundred largest, and the rest together.",
		},
	)
	return computed(Argument{Name: "summary", Description: "Counts.", Object: inside})[0]
}

// Decisions are the computed attributes of outcome and usersync_decisions.
func Decisions() []Argument {
	settings := shownText("settings", "Connector, scope, settings and what-if as JSON, for the function `explain`.")
	settings.Sensitive = true
	unchecked := Argument{Name: "unchecked", Type: stringList, Description: "What wasn't read of the target and " +
		"therefore not looked at: `accounts`, `groups`, `scim_records`, `roles`, `target_tenant`, `history`, " +
		"`service`."}
	return append(computed(
		Service(),
		unchecked,
		shownText("groups_held_back", "A JSON object, group to why it doesn't come, keeps its old name, or lacks "+
			"a user: `name_taken`, `default_access_group`, `same_name`, `over_limit`, `mapping_off`, "+
			"`rename_unsupported`, `not_security_enabled`."),
		shownText("decisions", "A JSON object, user to decision, keys sorted: verdict (`sync`, `skip`, `unknown`), "+
			"reason code, the facts that decided, and warnings. `reported` or `inferred` stands where the rule isn't "+
			"documented."),
		shownText("groups", "A JSON object, group as it would stand in the target to its number of members."),
		shownText("fingerprint", "A SHA-256, in hex, of all decisions and groups."),
		settings,
	), Summary())
}

// Explanation is what is said of one user.
func Explanation() []Argument {
	return computed(
		shownText("verdict", "`sync`, `skip` or `unknown`."),
		shownText("code", "The reason code."),
		shownText("decision", "The decision as an outcome shows it."),
		shownText("explanation", "The decision in words."),
		shownText("confidence", "`documented`, `reported` or `inferred`."),
		shownText("action", "What the next run does with the user: `create`, `update`, `keep`, `create_or_keep` "+
			"(what the target holds wasn't read), `link`, `unlink`, `deactivate`, `none` or `fail`."),
		shownText("account", "Over Atlassian the kind of account: `managed` or `external`; null where there is "+
			"none, and for other targets."),
		Argument{Name: "groups", Type: stringList, Description: "The groups that the user lands in, in the target."},
		Argument{Name: "trace", Description: "The rules that were looked at, in order.", Objects: []Argument{
			shownText("rule", "The rule."),
			shownText("observed", "What it found."),
			{Name: "applies", Type: types.BoolType, Description: "Whether the rule applies; null where it is only " +
				"noted."},
			shownText("source", "Where the rule is described."),
			shownText("confidence", "How sure the rule is."),
		}},
		Argument{
			Name: "fixes",
			Description: "Changes after which the user syncs, each tried: single ones, and where none is enough, " +
				"pairs.",
			Objects: []Argument{
				shownText("change", "What to change."),
				shownText("who", "Who must do it."),
				shownText("effect", "The decision afterwards, and what else the change does."),
				shownText("caveats", "What may undo or spoil it."),
				number("others_changed", "How many other users are decided otherwise afterwards."),
			},
		},
	)
}

// Service is the state of the connector's service.
func Service() Argument {
	return Argument{Name: "service", Description: "The state of the connector's service.", Object: computed(
		shownText("state", "`running`, `starting` (its first cycle hasn't ended), `not_started`, `paused`, "+
			"`quarantined`, `disabled`, `not_read`, or `none`: no API tells (nested groups). Where it doesn't run, "+
			"decisions are those of its first run once it runs."),
		shownText("since", "When the state began, as the service wrote it; empty where it doesn't say."),
		shownText("detail", "The service's reason; empty where there is none."),
	)}
}
