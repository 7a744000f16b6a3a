# Atlassian's record is made from the token, not from the verification: a record
# that refers to what waits for it could never be published.
output "dns_records" {
  description = "By domain, the DNS records to publish: `entra` and `atlassian`, each an object of `name` (relative to the zone; Atlassian's only where `zone` is set), `fqdn`, `type`, `value` and `ttl`, or null where none is asked for (a sub-domain of a domain that the tenant has verified; no token)."
  value = {
    for name, d in var.domains : name => {
      entra = d.entra ? try(usersync_entra_domain.this[name].verification_records[0], null) : null
      atlassian = !d.atlassian || d.token == null ? null : {
        name  = d.zone == null ? null : name == d.zone ? "@" : trimsuffix(name, ".${d.zone}")
        fqdn  = name
        type  = "TXT"
        value = "atlassian-domain-verification=${trimprefix(d.token, "atlassian-domain-verification=")}"
        ttl   = 3600
      }
    }
  }
}

output "verified_domains" {
  description = "For an outcome's `what_if.verified_domains`; known when planning."
  value       = distinct(flatten([for v in usersync_atlassian_domain_verification.this : tolist(v.verified_domains)]))
}

output "status" {
  description = "By domain, whether Entra has verified it, and how the organization lists it; null for the side that isn't wanted."
  value = {
    for name, d in var.domains : name => {
      entra     = d.entra ? usersync_entra_domain_verification.this[name].is_verified : null
      atlassian = d.atlassian ? usersync_atlassian_domain_verification.this[name].status : null
    }
  }
}
