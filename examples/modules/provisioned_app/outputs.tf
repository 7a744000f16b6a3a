output "summary" {
  description = "Counts of the accepted outcome: `users`, `synced`, `skipped`, `unknown`, `not_in_scope`, `by_reason`, `by_home_domain`."
  value       = usersync_outcome.this.summary
}

output "changes" {
  description = "Changes against the outcome accepted before, by kind and cause."
  value       = usersync_outcome.this.changes
  sensitive   = true
}

output "severity" {
  description = "`none`, `auto`, `review` or `blocked`. It keeps its value while nothing changes: read it from outcomes that a plan changes."
  value       = usersync_outcome.this.severity
}

output "changes_markdown" {
  description = "The changes as Markdown, for a comment. It names people."
  value       = usersync_outcome.this.changes_markdown
  sensitive   = true
}

output "decisions" {
  description = "A JSON object, user to decision."
  value       = usersync_outcome.this.decisions
}

output "groups" {
  description = "A JSON object, group as it would stand in the target to its number of members."
  value       = usersync_outcome.this.groups
}

output "fingerprint" {
  description = "A SHA-256 of all decisions and groups."
  value       = usersync_outcome.this.fingerprint
}

output "what_if_applied" {
  description = "What was assumed, in a line."
  value       = usersync_outcome.this.what_if_applied
}

output "settings" {
  description = "Connector, scope, settings and what-if, for the function `explain`."
  value       = usersync_outcome.this.settings
  sensitive   = true
}
