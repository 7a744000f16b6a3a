variable "directory" {
  description = "The Entra tenant as it was read: pass the data source on, `directory = data.usersync_directory.now`; or, so that no state holds it, the ephemeral resource. Its `service_principals` name the application."
  type = object({
    reading = string
    read_at = optional(string)
  })
  ephemeral = true
}

variable "connector" {
  description = "`scim` for an application, `cross_tenant_sync` for another tenant."
  type        = string
  default     = "scim"

  validation {
    condition     = contains(["scim", "cross_tenant_sync"], var.connector)
    error_message = "connector is scim or cross_tenant_sync. For Atlassian, take the module atlassian_sync."
  }
}

variable "application" {
  description = "For `scim`: the profile of the application, such as `aws_iam_identity_center`. Left out, SCIM's own rules alone are known."
  type        = string
  default     = null
}

variable "service_principal" {
  description = "The service principal whose job provisions, by displayName or object id, where the reading holds several."
  type        = string
  default     = null
}

variable "scope" {
  description = "Who counts as assigned instead of the job's own assignments: `groups`, by displayName or object id, or `everyone`."
  type = object({
    groups   = optional(set(string))
    everyone = optional(bool)
  })
  default = null

  validation {
    condition     = var.scope == null || try(var.scope.everyone, null) != true || length(coalesce(try(var.scope.groups, null), [])) == 0
    error_message = "A scope is either groups or everyone, not both."
  }
}

variable "target_directory" {
  description = "For `cross_tenant_sync`: the target tenant as it was read, where it is ours."
  type = object({
    reading = string
  })
  default = null
}

# What this plan, or a plan to come, changes.

variable "assignments" {
  description = "Groups and users to count as assigned, each with the app role, `\"\"` for the default one: an access request before it is granted."
  type        = map(string)
  default     = null
}

variable "members" {
  description = "By group, users to count as its members."
  type        = map(list(string))
  default     = null
}

variable "mappings" {
  description = "`effective` of planned mappings."
  type        = list(string)
  default     = null
}

variable "running" {
  description = "`starts` of the job's `usersync_provisioning_schedule`, where this plan starts or restarts it."
  type        = bool
  default     = null
}

# Limits and what is shown.

variable "max_lost" {
  description = "The most users who may no longer sync; leavers aren't counted."
  type        = number
  default     = null

  validation {
    condition     = var.max_lost == null || try(var.max_lost >= 0 && floor(var.max_lost) == var.max_lost, false)
    error_message = "max_lost is a whole number of users, 0 or more."
  }
}

variable "max_lost_percent" {
  description = "The same in percent of those who sync in the accepted outcome."
  type        = number
  default     = null

  validation {
    condition     = var.max_lost_percent == null || try(var.max_lost_percent >= 0 && var.max_lost_percent <= 100, false)
    error_message = "max_lost_percent is between 0 and 100."
  }
}

variable "max_left" {
  description = "The most users who synced and may be deleted or disabled now."
  type        = number
  default     = null

  validation {
    condition     = var.max_left == null || try(var.max_left >= 0 && floor(var.max_left) == var.max_left, false)
    error_message = "max_left is a whole number of users, 0 or more."
  }
}

variable "max_left_percent" {
  description = "The same in percent of those who sync in the accepted outcome. It holds from six leavers on. Default: the provider's, 10."
  type        = number
  default     = null

  validation {
    condition     = var.max_left_percent == null || try(var.max_left_percent >= 0 && var.max_left_percent <= 100, false)
    error_message = "max_left_percent is between 0 and 100."
  }
}

variable "max_gained" {
  description = "The most users who may newly sync, hires included."
  type        = number
  default     = null

  validation {
    condition     = var.max_gained == null || try(var.max_gained >= 0 && floor(var.max_gained) == var.max_gained, false)
    error_message = "max_gained is a whole number of users, 0 or more."
  }
}

variable "max_groups_lost" {
  description = "The most groups that may leave. Default: no limit; 0 for SCIM, where a lost group loses its permissions."
  type        = number
  default     = null

  validation {
    condition     = var.max_groups_lost == null || try(var.max_groups_lost >= 0 && floor(var.max_groups_lost) == var.max_groups_lost, false)
    error_message = "max_groups_lost is a whole number of groups, 0 or more."
  }
}

variable "must_sync" {
  description = "Users who must sync, by principal name, mail or object id."
  type        = set(string)
  default     = null
}

variable "must_not_sync" {
  description = "Users who must not."
  type        = set(string)
  default     = null
}

variable "expect_skipped" {
  description = "Users who are meant not to sync: service accounts, shared mailboxes."
  type        = set(string)
  default     = null
}

variable "on_plan" {
  description = "What a violation by the configuration does: `error` (the provider's default) or `warn`."
  type        = string
  default     = null

  validation {
    condition     = var.on_plan == null || contains(["error", "warn"], coalesce(var.on_plan, "error"))
    error_message = "on_plan is error or warn."
  }
}

variable "on_drift" {
  description = "What a violation by what has already happened does: `warn` (the provider's default) or `error`."
  type        = string
  default     = null

  validation {
    condition     = var.on_drift == null || contains(["error", "warn"], coalesce(var.on_drift, "warn"))
    error_message = "on_drift is error or warn."
  }
}

variable "approve" {
  description = "The hash that a violation prints: accepts exactly what that plan would do, once."
  type        = string
  default     = null

  validation {
    condition     = var.approve == null || can(regex("^[0-9a-f]{16}$", var.approve))
    error_message = "approve is the hash that the violation printed, 16 hex digits."
  }
}

variable "review_when" {
  description = "Kinds of change that a person must see, also as drift. Default: the provider's."
  type        = set(string)
  default     = null

  validation {
    condition = length(setsubtract(coalesce(var.review_when, []), [
      "uncertain", "left", "lost", "unmanaged", "joined", "joined_external", "missed", "gained", "readdressed", "groups", "renamed", "reason"
    ])) == 0
    error_message = "review_when takes the kinds of change: uncertain, left, lost, unmanaged, joined, joined_external, missed, gained, readdressed, groups, renamed and reason."
  }
}

variable "watch_groups" {
  description = "Globs of groups whose gains and losses are named, user by user."
  type        = set(string)
  default     = null
}

variable "show" {
  description = "Whom `decisions` lists: `skipped` (who doesn't sync, or of whom it is unknown), `all`, or `summary` (at most twenty users of each reason)."
  type        = string
  default     = "skipped"

  validation {
    condition     = contains(["skipped", "all", "summary"], var.show)
    error_message = "show is skipped, all or summary."
  }
}

variable "identify_users_by" {
  description = "How users are named: `principal_name`, or `id` where plans are read by people who shouldn't see names."
  type        = string
  default     = "principal_name"

  validation {
    condition     = contains(["principal_name", "id"], var.identify_users_by)
    error_message = "identify_users_by is principal_name or id."
  }
}
