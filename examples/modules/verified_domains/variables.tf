variable "domains" {
  description = <<-EOT
    The domains by name, in lower case. Of each:
    - `token`: the token that admin.atlassian.com shows for its TXT record; without it the domain is only watched, and there is no record to publish;
    - `zone`: the DNS zone that the records' names are relative to (default: the part of the domain that can be registered);
    - `entra`: whether to add it to the Entra tenant and verify it there (default true; false where it is there already);
    - `atlassian`: whether to verify it in the organization (default true);
    - `wait`: whether apply waits until the organization lists it as verified (default true; false only watches).
  EOT
  type = map(object({
    token     = optional(string)
    zone      = optional(string)
    entra     = optional(bool, true)
    atlassian = optional(bool, true)
    wait      = optional(bool, true)
  }))

  validation {
    condition     = alltrue([for name, d in var.domains : name == lower(trimsuffix(trimspace(name), "."))])
    error_message = "Write the names of domains in lower case, without spaces or a dot at the end: they are the keys of resources."
  }

  validation {
    condition     = alltrue([for d in values(var.domains) : d.entra || d.atlassian])
    error_message = "A domain with entra = false and atlassian = false would be verified nowhere. Leave it out."
  }
}

variable "organization" {
  description = "The organization's key in the provider's `organizations`. Optional while there is exactly one."
  type        = string
  default     = null
}

variable "records" {
  description = "By domain, the ids of the DNS records that were made from `dns_records`: the verifications wait for them."
  type        = map(list(string))
  default     = {}
}

variable "check_dns" {
  description = "Whether a failed verification says what DNS answers this machine. Set it to false where it sees another view of the zone."
  type        = bool
  default     = true
}

variable "timeout" {
  description = "How long to wait for each verification, as a duration such as \"90m\"."
  type        = string
  default     = "75m"
}
