# What failed in the last day, and why?
data "usersync_provisioning_log" "failures" {
  service_principal_id = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
  status               = "failure"
  since                = timeadd(plantimestamp(), "-24h")
  limit                = 500
}

output "failures" {
  value = data.usersync_provisioning_log.failures.by_error_code
}

output "who" {
  value     = { for e in jsondecode(data.usersync_provisioning_log.failures.entries) : e.source.name => e.reason... }
  sensitive = true
}
