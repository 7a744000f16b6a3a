variable "tenants" {
  description = "The tenants by a key of yours, each with its Atlassian organization. endpoint and ca_file only for the simulator or a proxy."
  type = map(object({
    tenant_id       = string
    client_id       = string
    organization_id = string
    groups          = set(string)
    max_lost        = optional(number, 25)
    max_gained      = optional(number, 50)
    active          = optional(bool, true)
    endpoint        = optional(string)
    ca_file         = optional(string)
  }))
}

variable "client_secret" {
  type      = string
  default   = null
  sensitive = true
}

# Apart from the rest: what is sensitive can't be what for_each goes over.
variable "api_keys" {
  description = "The organizations' API keys, by the same keys."
  type        = map(string)
  sensitive   = true
}
