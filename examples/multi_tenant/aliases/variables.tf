variable "company" {
  description = "The tenant that syncs to Atlassian. endpoint and ca_file only for the simulator or a proxy."
  type = object({
    tenant_id = string
    client_id = string
    endpoint  = optional(string)
    ca_file   = optional(string)
  })
}

variable "sister" {
  description = "The tenant from which people come, and its application of cross-tenant synchronization."
  type = object({
    tenant_id            = string
    client_id            = string
    service_principal_id = string
    endpoint             = optional(string)
    ca_file              = optional(string)
  })
}

variable "client_secret" {
  type      = string
  default   = null
  sensitive = true
}

variable "organization_id" {
  type = string
}

variable "api_key" {
  type      = string
  sensitive = true
}

variable "arrive_as" {
  description = "As what the sister company's people arrive: Member or Guest."
  type        = string
  default     = "Member"
}

variable "apply" {
  description = "`on_create`, or `always`, which also changes those who are there."
  type        = string
  default     = "on_create"
}

variable "decide" {
  description = "Whether the sister company's job is there, so that it can be decided who arrives."
  type        = bool
  default     = false
}
