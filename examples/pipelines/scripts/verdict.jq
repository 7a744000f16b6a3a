# What a plan, as `show -json` has it, asks for:
#
#   none     it changes nothing
#   auto     hires and leavers alone: outcomes are its sole changes, and each says so
#   review   a person must see it
#   blocked  a guardrail of an outcome is violated and not approved
#
# Whatever isn't known to be harmless is for a person.

# What an outcome computes. The rest is configuration, which no drift changes.
def computed: ["accepted", "changes", "changes_markdown", "decisions", "fingerprint", "groups", "settings", "summary", "what_if_applied"];

def changed: [.resource_changes[]? | select(.change.actions != ["no-op"] or .change.importing != null or .previous_address != null)];
def outcome: .mode == "managed" and .type == "usersync_outcome";
def severity: .change.after.changes.severity? // "unknown";

# An outcome's `changes` keep their value while nothing changes, so that a plan
# which only edits a limit still shows the last one: what counts is that the
# outcome itself is another, and its configuration is not.
def automatic:
  outcome
  and .change.actions == ["update"]
  and .change.importing == null and .previous_address == null
  and severity == "auto"
  and .change.before.accepted != .change.after.accepted
  and ([.change.before, .change.after | delpaths([computed[] | [.]])] | .[0] == .[1])
  and ([.change.after_unknown // {} | .. | booleans] | any | not);

def outputs_follow: [.output_changes // {} | .[] | .actions] | all(. == ["no-op"] or . == ["update"]);
def whole: .errored != true and .complete != false
  and ((.deferred_changes // []) | length) == 0 and ((.action_invocations // []) | length) == 0;
def checks_hold: [.checks[]?.status] | all(. == "pass" or . == "unknown");

if has("format_version") | not then error("this isn't a plan as `show -json` has it")
elif .errored == true then error("the plan is of a run that failed")
else
  . as $plan | changed as $changes
  | if any($changes[]; outcome and severity == "blocked") then "blocked"
    elif ($changes | length) == 0 and ([.output_changes // {} | .[] | .actions] | all(. == ["no-op"])) and whole then "none"
    elif ($changes | length) > 0 and all($changes[]; automatic) and ($plan | outputs_follow and whole and checks_hold) then "auto"
    else "review" end
end
