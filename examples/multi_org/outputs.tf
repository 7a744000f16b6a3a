output "synced" {
  value = { for key, o in module.sync : key => o.summary.synced }
}

output "severity" {
  value = { for key, o in module.sync : key => o.severity }
}

output "dns_records" {
  value = { for key, o in module.sync : key => o.dns_records }
}

output "violations" {
  value = module.user_types.violations
}
