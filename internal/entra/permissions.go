package entra

import "github.com/usersync/terraform-provider-usersync/internal/graph"

// What the reads need. The first of each is that of [graph 6, D]. That
// Directory.Read.All reads domains too is on Microsoft's page "List domains";
// that Directory.ReadWrite.All does is inferred. Taking one too many for enough
// only means that the service's own 403 says it.
var (
	NeedUsers = graph.Need{
		Operation: "read users",
		AnyOf:     []string{"User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
	}
	NeedGroups = graph.Need{
		Operation: "read groups and their members",
		AnyOf: []string{
			"GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All",
			"Directory.Read.All", "Directory.ReadWrite.All",
		},
	}
	NeedDomains = graph.Need{
		Operation: "read domains",
		AnyOf: []string{
			"Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All",
		},
	}
	NeedPartners = graph.Need{
		Operation: "read cross-tenant partners",
		AnyOf:     []string{"Policy.Read.All", "Policy.ReadWrite.CrossTenantAccess"},
	}
)

// NeedDomainsWrite is what adding, verifying and deleting domains needs
// [graph 4]; reading them is NeedDomains.
var NeedDomainsWrite = graph.Need{
	Operation: "add, verify and delete domains",
	AnyOf:     []string{"Domain.ReadWrite.All"},
}

// NeedUserWrite is what converting users needs [graph 1.7].
var NeedUserWrite = graph.Need{
	Operation: "change users",
	AnyOf:     []string{"User.ReadWrite.All", "Directory.ReadWrite.All"},
}

// What changing partners and looking up other tenants needs [graph 5],
// [graph 6]. Reading partners is NeedPartners.
var (
	NeedPartnersWrite = graph.Need{
		Operation: "change cross-tenant partners",
		AnyOf:     []string{"Policy.ReadWrite.CrossTenantAccess"},
	}
	NeedTenantInformation = graph.Need{
		Operation: "look up other tenants by their domains",
		AnyOf:     []string{"CrossTenantInformation.ReadBasic.All"},
	}
)

// What reading and changing synchronization, and reading its logs needs
// ([graph 3.8], [graph 3.10], [graph 6]; Directory.ReadWrite.All is of old pages,
// ProvisioningLog.Read.All of newer ones).
var (
	NeedSynchronization = graph.Need{
		Operation: "read synchronization jobs",
		AnyOf: []string{
			"Synchronization.Read.All", "Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy",
			"Directory.ReadWrite.All",
		},
	}
	NeedSynchronizationWrite = graph.Need{
		Operation: "change synchronization jobs, their schema and credentials",
		AnyOf: []string{
			"Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.ReadWrite.All",
		},
	}
	NeedLogs = graph.Need{
		Operation: "read provisioning logs",
		AnyOf:     []string{"AuditLog.Read.All", "ProvisioningLog.Read.All"},
	}
	NeedApplications = graph.Need{
		Operation: "read service principals and who is assigned to them",
		AnyOf: []string{
			"Application.Read.All", "Application.ReadWrite.All", "Application.ReadWrite.OwnedBy",
			"Directory.Read.All", "Directory.ReadWrite.All",
		},
	}
)
