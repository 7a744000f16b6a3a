# In audit nobody is converted: an outcome that assumed it would be wrong.
output "desired" {
  description = "For `user_types` of the module atlassian_sync, or an outcome's `what_if.user_types`: a JSON object, object id to type. Known when planning; null with `mode = \"audit\"`, where nothing changes."
  value       = var.mode == "enforce" ? usersync_user_type_policy.this.desired : null
}

output "wanted" {
  description = "The same in both modes: for a data source `usersync_decisions` that asks who would sync if it were enforced."
  value       = usersync_user_type_policy.this.desired
}

output "assignments" {
  description = "A JSON object, user to type, of what is."
  value       = usersync_user_type_policy.this.assignments
}

output "violations" {
  description = "A JSON object, user to what differs."
  value       = usersync_user_type_policy.this.violations
}

output "remaining" {
  description = "How many users later waves convert."
  value       = usersync_user_type_policy.this.remaining
}

output "records" {
  description = "By record, how many users it holds."
  value       = { for name, r in usersync_user_type_record.this : name => r.users }
}
