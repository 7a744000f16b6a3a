# What a plan, as `show -json` has it, asks for:
#
#   none     it changes nothing
#   auto     hires (joined) and leavers (left) alone: outcomes are its sole changes, and each says so
#   review   a person must see it
#   blocked  a guardrail of an outcome is violated and not approved
#
# It is a gate, and lists what is allowed. Whatever it doesn't know is for a
# person: a section, a format or an action of a later CLI, another provider, an
# argument that differs, a value that isn't known yet.

def formats: ["1.2"];

def providers: ["registry.terraform.io/usersync/usersync", "registry.opentofu.org/usersync/usersync"];

def sections: [
  "format_version", "terraform_version", "timestamp", "variables", "planned_values", "resource_drift", "resource_changes",
  "output_changes", "prior_state", "configuration", "relevant_attributes", "checks", "errored", "applyable", "complete",
  "deferred_changes", "deferred_action_invocations", "action_invocations"
];

def resource_keys: ["address", "module_address", "mode", "type", "name", "index", "provider_name", "change", "action_reason"];

def change_keys: [
  "actions", "before", "after", "after_unknown", "before_sensitive", "after_sensitive", "before_identity", "after_identity"
];

def output_keys: ["actions", "before", "after", "after_unknown", "before_sensitive", "after_sensitive"];

# What an outcome computes, and may differ. The rest is configuration, which no
# drift changes.
def computed: [
  "accepted", "changes", "changes_json", "changes_markdown", "decisions", "fingerprint", "groups", "resolved", "settings", "severity",
  "summary", "what_if_applied"
];

def only(known): type == "object" and (keys - known) == [];
def empty_or_absent: . == null or . == [];
def known: [.. | booleans] | any | not;
def configured: if type == "object" then delpaths([computed[] | [.]]) else . end;

# A resource that the plan leaves alone, in every way that this script knows.
def untouched:
  only(resource_keys) and (.change | only(change_keys)) and .change.actions == ["no-op"] and .action_reason == null
  and (.change.after_unknown // {} | known);

def outcome: .mode == "managed" and .type == "usersync_outcome" and (.provider_name as $p | any(providers[]; . == $p));
def severity: (.change | objects | .after | objects | .severity) // "unknown";

# An outcome's severity keeps its value while nothing changes, so that a plan
# which only edits a limit still shows the last one: what counts is that the
# outcome itself is another, and its configuration is not.
def automatic:
  only(resource_keys) and outcome and .action_reason == null
  and (.change
    | only(change_keys)
    and .actions == ["update"]
    and (.before | type) == "object" and (.after | type) == "object"
    and .after.severity == "auto"
    and (.before.accepted | type) == "string" and (.after.accepted | type) == "string" and .before.accepted != .after.accepted
    and (.before | configured) == (.after | configured)
    and (.before_sensitive | configured) == (.after_sensitive | configured)
    and .before_identity == .after_identity
    and (.after_unknown // {} | known));

def output_untouched: only(output_keys) and .actions == ["no-op"];
def output_follows:
  only(output_keys) and (.actions == ["no-op"] or .actions == ["update"])
  and (.after_unknown // false | known) and .before_sensitive == .after_sensitive;

# The whole plan of a run that went through, with nothing put off.
def whole:
  only(sections)
  and (.format_version as $v | any(formats[]; . == $v))
  and .errored == false and (.complete == null or .complete == true)
  and (.deferred_changes | empty_or_absent) and (.deferred_action_invocations | empty_or_absent) and (.action_invocations | empty_or_absent)
  and (.resource_changes == null or (.resource_changes | type) == "array")
  and (.output_changes == null or (.output_changes | type) == "object");

def checks_hold: .checks == null or ((.checks | type) == "array" and all(.checks[]; type == "object" and .status == "pass"));

if type != "object" or (has("format_version") | not) then error("this isn't a plan as `show -json` has it")
elif .errored == true then error("the plan is of a run that failed")
else
  [.resource_changes | arrays | .[] | select(untouched | not)] as $changes
  | [.output_changes | objects | .[]] as $outputs
  | if any($changes[] | objects; .type == "usersync_outcome" and severity == "blocked") then "blocked"
    elif (whole | not) then "review"
    elif ($changes | length) == 0 and all($outputs[]; output_untouched) then "none"
    elif ($changes | length) > 0 and all($changes[]; automatic) and all($outputs[]; output_follows) and checks_hold then "auto"
    else "review" end
end
