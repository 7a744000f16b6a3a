# Who gets into AWS IAM Identity Center, who doesn't, and why? Planned from a snapshot file,
# without credentials.

terraform {
  required_providers {
    usersync = {
      source = "usersync/usersync"
    }
  }
}

provider "usersync" {
  snapshot {
    file = var.snapshot
  }
}

variable "snapshot" {
  type    = string
  default = "tenant.json"
}

data "usersync_directory" "now" {
  service_principals = ["AWS IAM Identity Center"]
}

resource "usersync_outcome" "aws" {
  directory   = data.usersync_directory.now.reading
  connector   = "scim"
  application = "aws_iam_identity_center"
}

# One of them in words: the rule, its source and what to do.
data "usersync_decision" "grace" {
  user                 = "grace@company.com"
  connector            = "scim"
  application          = "aws_iam_identity_center"
  service_principal    = "AWS IAM Identity Center"
  directory_attributes = ["displayName", "givenName", "surname"]
}

output "left_out" {
  value = jsondecode(usersync_outcome.aws.decisions)
}

output "grace" {
  value = data.usersync_decision.grace.explanation
}
