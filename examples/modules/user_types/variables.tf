variable "directory" {
  description = "The Entra tenant as it was read: pass the data source on, `directory = data.usersync_directory.now`; or, so that no state holds it, the ephemeral resource."
  type = object({
    reading = string
  })
  ephemeral = true
}

variable "mode" {
  description = "`audit` (nothing is written, `violations` says who differs) or `enforce`."
  type        = string
  default     = "audit"

  validation {
    condition     = contains(["audit", "enforce"], var.mode)
    error_message = "mode is audit or enforce."
  }
}

variable "rules" {
  description = <<-EOT
    The rules, in the order in which they are asked; the first that fits decides. Of each:
    - `name`: as violations show it;
    - `match`: whom it is about (`users`, `home_domains`, `creation_types`, `groups`, `origin`; all that is set must hold), with `user_type`, `Member` or `Guest`;
    - `restore`: instead of both, a key of `records`: everybody in it gets back what they were.
  EOT
  type = list(object({
    name = string
    match = optional(object({
      users          = optional(set(string))
      home_domains   = optional(set(string))
      creation_types = optional(set(string))
      groups         = optional(set(string))
      origin         = optional(string)
    }))
    user_type = optional(string)
    restore   = optional(string)
  }))

  validation {
    condition     = length(var.rules) > 0
    error_message = "A policy without rules decides nothing."
  }

  validation {
    condition     = alltrue([for r in var.rules : r.restore != null ? r.match == null && r.user_type == null : r.match != null && try(contains(["Member", "Guest"], r.user_type), false)])
    error_message = "A rule has match and user_type (Member or Guest), or restore alone."
  }

  validation {
    condition     = length(distinct(var.rules[*].name)) == length(var.rules)
    error_message = "Give each rule a name of its own: violations and warnings say it."
  }

  validation {
    condition     = alltrue([for r in var.rules : r.restore == null || contains(keys(var.records), coalesce(r.restore, "-"))])
    error_message = "restore is a key of records."
  }
}

variable "records" {
  description = "Records by a name of yours, such as \"2026-11\": whom each is of. A record is taken when it is made and never changes; for another, add another."
  type = map(object({
    users          = optional(set(string))
    home_domains   = optional(set(string))
    creation_types = optional(set(string))
    groups         = optional(set(string))
    origin         = optional(string)
  }))
  default = {}
}

variable "record" {
  description = "The key of the record that the policy goes by: it is in the state before anybody is converted."
  type        = string
  default     = null

  validation {
    condition     = var.record == null || contains(keys(var.records), coalesce(var.record, "-"))
    error_message = "record is a key of records."
  }

  validation {
    condition     = var.mode != "enforce" || var.record != null
    error_message = "To enforce, name the record of those who are converted: without one it can't be undone."
  }
}

variable "max_changes" {
  description = "The most users that one apply may convert. null: no limit."
  type        = number
  default     = 50

  validation {
    condition     = var.max_changes == null || try(var.max_changes >= 1 && floor(var.max_changes) == var.max_changes, false)
    error_message = "max_changes is a whole number of users, 1 or more; null for no limit."
  }
}

variable "wave_size" {
  description = "Convert this many in an apply, and the next in the next. Default: all at once."
  type        = number
  default     = null

  validation {
    condition     = var.wave_size == null || try(var.wave_size >= 1 && floor(var.wave_size) == var.wave_size, false)
    error_message = "wave_size is a whole number of users, 1 or more."
  }
}

variable "cross_tenant" {
  description = "What source tenants write by cross-tenant synchronization: `mapping`, and `directory` or `home_domains`. The plan then says whose type will be written back."
  type = list(object({
    mapping      = string
    directory    = optional(string)
    home_domains = optional(list(string))
  }))
  default = null
}

variable "identify_users_by" {
  description = "How users are named: `principal_name` or `id`."
  type        = string
  default     = "principal_name"

  validation {
    condition     = contains(["principal_name", "id"], var.identify_users_by)
    error_message = "identify_users_by is principal_name or id."
  }
}
