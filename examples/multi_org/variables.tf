variable "organizations" {
  description = "The Atlassian organizations, by a key of yours: their id, the groups that their connector syncs, domains to have verified, and limits."
  type = map(object({
    organization_id = string
    groups          = set(string)
    domains         = optional(map(object({ token = optional(string), wait = optional(bool, true) })), {})
    max_lost        = optional(number, 25)
    max_gained      = optional(number, 50)
    must_sync       = optional(set(string))
    watch_groups    = optional(set(string))
  }))
}

# Apart from the rest: what is sensitive can't be what for_each goes over.
variable "api_keys" {
  description = "The organizations' API keys, by the same keys."
  type        = map(string)
  sensitive   = true
}

variable "partner_domains" {
  description = "Home domains of partners who came as members."
  type        = set(string)
}

variable "user_types_mode" {
  description = "`audit` or `enforce`."
  type        = string
  default     = "audit"
}

variable "endpoint" {
  type    = string
  default = null
}

variable "ca_file" {
  type    = string
  default = null
}
