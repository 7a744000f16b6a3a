# A plan as a comment: the report of each outcome that it changes, and what else
# it changes. At most 65,000 characters, which GitHub, GitLab and Azure DevOps take.

def changed: [.resource_changes[]? | select(.change.actions != ["no-op"] or .change.importing != null or .previous_address != null)];
def outcome: .mode == "managed" and .type == "usersync_outcome";
# A code span that its text can't end: without line breaks and control
# characters, and fenced by more backticks than it has in a row.
def code:
  gsub("[[:cntrl:]]"; " ")
  | (([scan("`+") | length] | max // 0) + 1) as $fence
  | if $fence == 1 then "`\(.)`" else "\("`" * $fence) \(.) \("`" * $fence)" end;

def action: if .change.importing != null then "import" elif .previous_address != null then "move" else (.change.actions | join(", ")) end;

changed as $changes
| [
    ($changes[] | select(outcome and .change.after != null)
      | "### \(.address | code)\(if action == "update" then "" else " (\(action))" end)\n\n\(.change.after.changes_markdown // "Its changes aren't known before it is applied.")"),
    ([$changes[] | select((outcome and .change.after != null) | not) | "- \(.address | code): \(action)"]
      | select(length > 0) | "### Other changes\n\n" + join("\n"))
  ]
| if length == 0 then ["Nothing changes."] else . end
| "## Who will sync: \($verdict)\n\n" + join("\n\n")
| if length > 65000 then .[:64900] + "\n\n… cut: the plan has the rest." else . end
