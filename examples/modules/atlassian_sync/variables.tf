variable "organization" {
  description = "The organization's key in the provider's `organizations`. Optional while there is exactly one."
  type        = string
  default     = null
}

variable "directory" {
  description = "The Entra tenant as it was read: pass the data source on, `directory = data.usersync_directory.now`; or, so that no state holds it, the ephemeral resource. One reading serves every organization."
  type = object({
    reading = string
    read_at = optional(string)
  })
  ephemeral = true
}

variable "accounts" {
  description = "Whether to read the organization's accounts and groups too, so that groups whose name is taken there are found."
  type        = bool
  default     = false
}

variable "scim_records" {
  description = "Whether to read the organization's SCIM directory too: who was provisioned, as what, linked or not."
  type        = bool
  default     = false
}

variable "connector" {
  description = "How users get to Atlassian: `atlassian_nested_groups` (Atlassian's own \"Azure AD for nested groups\") or `atlassian_scim` (Entra's gallery app \"Atlassian Cloud\")."
  type        = string
  default     = "atlassian_nested_groups"

  validation {
    condition     = contains(["atlassian_nested_groups", "atlassian_scim"], var.connector)
    error_message = "connector is atlassian_nested_groups or atlassian_scim."
  }
}

variable "scope" {
  description = "Who the connector is set to sync: `groups`, by displayName or object id, or `everyone`. For SCIM it may be left out: the job's assignments."
  type = object({
    groups   = optional(set(string))
    everyone = optional(bool)
  })
  default = null

  validation {
    condition     = var.scope == null || try(var.scope.everyone, null) != true || length(coalesce(try(var.scope.groups, null), [])) == 0
    error_message = "A scope is either groups or everyone, not both."
  }

  validation {
    condition     = var.connector != "atlassian_nested_groups" || try(var.scope.everyone, null) == true || length(coalesce(try(var.scope.groups, null), [])) > 0
    error_message = "The nested-groups connector needs a scope: groups, or everyone = true. A misspelled key of an object is dropped by the CLI without a word."
  }
}

variable "service_principal" {
  description = "For SCIM: the service principal whose job provisions, by displayName or object id, where the reading holds several."
  type        = string
  default     = null
}

variable "connector_settings" {
  description = "What the administrator has set on the sync's own page, as an outcome takes it: `user_identifier`, `entra_domains`, `claim_accounts`, `sync`, `default_access_groups`, `relinked`, `external_users`. `usersync_reconciliation` finds out which fit where Atlassian doesn't document them."
  type = object({
    user_identifier       = optional(string)
    entra_domains         = optional(set(string))
    claim_accounts        = optional(string)
    sync                  = optional(string)
    default_access_groups = optional(set(string))
    relinked              = optional(set(string))
    external_users        = optional(string)
  })
  default = null
}

variable "domains" {
  description = "Domains to have verified in this organization, as the module verified_domains takes them. Those that Entra lacks may be added there too (`entra = true`)."
  type = map(object({
    token     = optional(string)
    zone      = optional(string)
    entra     = optional(bool, false)
    atlassian = optional(bool, true)
    wait      = optional(bool, true)
  }))
  default = {}
}

variable "domain_records" {
  description = "By domain, the ids of the DNS records that were made from the output `dns_records`."
  type        = map(list(string))
  default     = {}
}

variable "domain_timeout" {
  description = "How long to wait for each verification of a domain, as a duration such as \"90m\"."
  type        = string
  default     = "75m"
}

variable "check_dns" {
  description = "Whether a failed verification says what DNS answers this machine."
  type        = bool
  default     = true
}

# What this plan, or a plan to come, changes.

variable "user_types" {
  description = "Types to decide by instead of today's: `desired` of the module user_types."
  type        = string
  default     = null
}

variable "verified_domains" {
  description = "Domains to count as verified beside the organization's and those of `domains`."
  type        = list(string)
  default     = []
}

variable "members" {
  description = "By group, users to count as its members."
  type        = map(list(string))
  default     = null
}

variable "mappings" {
  description = "For SCIM: `effective` of planned mappings."
  type        = list(string)
  default     = null
}

variable "running" {
  description = "For SCIM: `starts` of the job's `usersync_provisioning_schedule`, where this plan starts or restarts it."
  type        = bool
  default     = null
}

variable "cross_tenant" {
  description = "What source tenants write by cross-tenant synchronization: `mapping` (`effective` of their mapping of users), and `directory` (their reading) or `home_domains`."
  type = list(object({
    mapping      = string
    directory    = optional(string)
    home_domains = optional(list(string))
  }))
  default = null

  validation {
    condition     = alltrue([for c in coalesce(var.cross_tenant, []) : c.directory != null || c.home_domains != null])
    error_message = "Of each source tenant say who comes from it: its directory or its home_domains."
  }
}

# Limits. They are arguments of their own, not keys of one object: a misspelled
# argument is an error, a misspelled key is dropped without a word.

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

# What is shown.

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
