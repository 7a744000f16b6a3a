data "usersync_domains" "all" {
  connector = "atlassian_nested_groups"

  scope {
    groups = ["Atlassian users"]
  }
}

# Whom each unverified domain would let in, where anybody.
output "worth_verifying" {
  value = {
    for name, domain in jsondecode(data.usersync_domains.all.domains) :
    name => domain.if_verified.gained
    if try(domain.if_verified.gained.count, 0) > 0
  }
}

# Who syncs only because of a verification that is about to lapse.
output "at_risk" {
  value = {
    for name, domain in jsondecode(data.usersync_domains.all.domains) :
    name => domain.if_not_verified.lost
    if anytrue([for o in domain.organizations : contains(o.claims[*].status, "missing_token")]) && try(domain.if_not_verified.lost.count, 0) > 0
  }
}
