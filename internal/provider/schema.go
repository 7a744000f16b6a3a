package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

func (p *usersync) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Tells which users of a Microsoft Entra ID tenant will sync, and why, as part of a " +
			"plan: to Atlassian, to any SCIM application, or into another tenant by cross-tenant synchronization. " +
			"One provider instance is one Entra tenant and any number of Atlassian organizations; more tenants are " +
			"aliases. Either side may be missing: what needs it says so, on use.",
		Attributes: map[string]schema.Attribute{
			"organizations": organizationsSchema(),
			"cache_dir": text("A folder in which the reading of the whole tenant is kept between plans. A later plan " +
				"asks only for what has changed since (delta), so that an unchanged tenant of any size costs three " +
				"requests; domains are read each time. Everything is read again after seven days, after this " +
				"provider has changed users, where Graph no longer knows what has changed, and where what was kept " +
				"is damaged or of another tenant, cloud, application, set of permissions or of `attributes`. " +
				"Readings limited to `groups`, and those that a snapshot records, are always live; so is a plan that " +
				"finds the folder in use by another. The files hold the names, addresses and memberships of people " +
				"in the clear, without credentials: only their owner can read them (mode 0600, in a folder of mode " +
				"0700 where the provider makes it). Keep the folder off shared disks and out of build artifacts, and " +
				"delete it when it isn't needed. A relative path starts at the folder in which the CLI runs. " +
				"Default: nothing is kept."),
			"ca_file": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "A file of certificate authorities, in PEM, to trust beside the system's: the " +
					"simulator's, or a proxy's. Also from `USERSYNC_CA_FILE`.",
			},
		},
		Blocks: map[string]schema.Block{
			"entra":    entraSchema(),
			"snapshot": snapshotSchema(),
		},
	}
}

// text is an optional text that isn't empty.
func text(description string, more ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: description,
		Validators:          append([]validator.String{stringvalidator.LengthAtLeast(1)}, more...),
	}
}

func secret(description string, more ...validator.String) schema.StringAttribute {
	a := text(description, more...)
	a.Sensitive = true
	return a
}

func flag(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
}

// sibling is another argument of the same block.
func sibling(name string) path.Expression { return path.MatchRelative().AtParent().AtName(name) }

func entraSchema() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "The Entra tenant and how to sign in to it. Names, environment variables and their " +
			"precedence are azuread's; after the `ARM_*` variables the `AZURE_*` ones are read. Of several ways to " +
			"sign in, the first of certificate, secret, OIDC, managed identity and Azure CLI is taken.",
		Attributes: map[string]schema.Attribute{
			"tenant_id": text("The tenant's id. Also from `ARM_TENANT_ID` or `AZURE_TENANT_ID`."),
			"client_id": text(
				"The application's (client) id. Also from `ARM_CLIENT_ID` or `AZURE_CLIENT_ID`.",
			),
			"client_id_file_path": text("A file with the client id. Also from `ARM_CLIENT_ID_FILE_PATH`."),
			"client_secret": secret("The client secret's value. Also from `ARM_CLIENT_SECRET` or "+
				"`AZURE_CLIENT_SECRET`.",
				stringvalidator.ConflictsWith(sibling("client_secret_file_path"), sibling("client_certificate"),
					sibling("client_certificate_path"))),
			"client_secret_file_path": text("A file with the client secret. Also from `ARM_CLIENT_SECRET_FILE_PATH`."),
			"client_certificate": secret("A client certificate with its private key: a PKCS#12 bundle encoded in "+
				"base64. Also from "+
				"`ARM_CLIENT_CERTIFICATE`.", stringvalidator.ConflictsWith(sibling("client_certificate_path"))),
			"client_certificate_path": text("A file with a client certificate and its private key, PKCS#12 or PEM. " +
				"Also from `ARM_CLIENT_CERTIFICATE_PATH` or `AZURE_CLIENT_CERTIFICATE_PATH`."),
			"client_certificate_password": secret("The password of the certificate's private key. Also from " +
				"`ARM_CLIENT_CERTIFICATE_PASSWORD` or `AZURE_CLIENT_CERTIFICATE_PASSWORD`."),
			"use_oidc": flag("Whether to sign in with an OIDC token (workload identity federation). Also from " +
				"`ARM_USE_OIDC`. Default `false`."),
			"oidc_token": secret("An OIDC token to sign in with. Also from `ARM_OIDC_TOKEN`.",
				stringvalidator.ConflictsWith(sibling("oidc_token_file_path"))),
			"oidc_token_file_path": text("A file with an OIDC token, read at each use. Also from " +
				"`ARM_OIDC_TOKEN_FILE_PATH` or `AZURE_FEDERATED_TOKEN_FILE`."),
			"oidc_request_url": text("The address that gives an OIDC token, as GitHub Actions and Azure DevOps have " +
				"one. Also from `ARM_OIDC_REQUEST_URL`, `ACTIONS_ID_TOKEN_REQUEST_URL` or `SYSTEM_OIDCREQUESTURI`."),
			"oidc_request_token": secret("The bearer token for `oidc_request_url`. Also from " +
				"`ARM_OIDC_REQUEST_TOKEN`, `ACTIONS_ID_TOKEN_REQUEST_TOKEN` or `SYSTEM_ACCESSTOKEN`."),
			"ado_pipeline_service_connection_id": text("The id of the service connection, in Azure DevOps. Also from " +
				"`ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID` or `ARM_OIDC_AZURE_SERVICE_CONNECTION_ID`."),
			"use_aks_workload_identity": flag("Whether to sign in with the workload identity of a pod of " +
				"Azure Kubernetes Service: an OIDC token, whose file, client id and tenant id are those that AKS " +
				"sets in the pod (`AZURE_FEDERATED_TOKEN_FILE`, `AZURE_CLIENT_ID`, `AZURE_TENANT_ID`) unless " +
				"others are set here. Also from `ARM_USE_AKS_WORKLOAD_IDENTITY`. Default `false`."),
			"use_msi": flag("Whether to sign in with the machine's managed identity. Also from `ARM_USE_MSI`. " +
				"Default `false`."),
			"msi_endpoint": text("The address that gives a managed identity's tokens, in place of Azure's instance " +
				"metadata service (`http://169.254.169.254/metadata/identity/oauth2/token`). Where the environment " +
				"names an endpoint, as App Service and Azure Arc do by `IDENTITY_ENDPOINT`, that one is asked. Also " +
				"from `ARM_MSI_ENDPOINT`."),
			"use_cli": flag("Whether to sign in as the Azure CLI is. Also from `ARM_USE_CLI`. Default `true`."),
			"environment": text("The cloud: `global` (default; alias `public`), `usgovernment` (alias "+
				"`usgovernmentl4`), `usgovernmentdod` (aliases `usgovernmentl5`, `dod`) or `china`. Also from "+
				"`ARM_ENVIRONMENT` or `AZURE_ENVIRONMENT`.",
				stringvalidator.OneOfCaseInsensitive(entra.CloudNames()...)),
			"metadata_host": text("Not supported, and refused: azuread asks this host for the cloud's addresses. " +
				"Name the cloud by `environment`, or its addresses by `graph_endpoint` and `authority_host`. " +
				"`ARM_METADATA_HOSTNAME` is refused where none of them is set."),
			"graph_endpoint": text("Microsoft Graph's address, in place of the cloud's: the simulator's, or a " +
				"proxy's. It must begin with `https://`. Also from `USERSYNC_GRAPH_ENDPOINT`."),
			"authority_host": text("The login service's address, in place of the cloud's. It must begin with " +
				"`https://`. With it, instance discovery is off. Also from `AZURE_AUTHORITY_HOST`."),
		},
	}
}

func organizationsSchema() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Optional: true,
		MarkdownDescription: "Atlassian organizations by a key of yours. Without it, the organization of " +
			"`ATLASSIAN_ORGANIZATION_ID` has the key `default`. While there is exactly one, what it lacks is taken " +
			"from the `ATLASSIAN_*` variables. The CLIs drop a misspelled key of an object without a word: what that " +
			"leaves missing is named where it is needed.",
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"organization_id": schema.StringAttribute{
					Optional: true,
					MarkdownDescription: "The organization's id: it stands in the address of its page at " +
						"admin.atlassian.com. Also from `ATLASSIAN_ORGANIZATION_ID`.",
				},
				"api_key": schema.StringAttribute{
					Optional:  true,
					Sensitive: true,
					MarkdownDescription: "An API key of the organization, without scopes or with " +
						"`read:domains:admin` (and, for accounts, `read:directories:admin` and `read:groups:admin`). " +
						"Also from `ATLASSIAN_API_KEY`.",
				},
				"api_key_expires_on": schema.StringAttribute{
					Optional:   true,
					Validators: []validator.String{tfutil.Date()},
					MarkdownDescription: "When the API key expires, as `YYYY-MM-DD`: Atlassian mails nobody about " +
						"it. From 30 days before, each read of the organization warns.",
				},
				"scim_directory_id": schema.StringAttribute{
					Optional: true,
					MarkdownDescription: "The id of the SCIM directory, only where SCIM data is wanted. Also from " +
						"`ATLASSIAN_SCIM_DIRECTORY_ID`.",
				},
				"scim_token": schema.StringAttribute{
					Optional:            true,
					Sensitive:           true,
					MarkdownDescription: "The key of the SCIM directory. Also from `ATLASSIAN_SCIM_TOKEN`.",
				},
				"verified_domains": schema.SetAttribute{
					ElementType: types.StringType,
					Optional:    true,
					MarkdownDescription: "In place of `api_key`: the domains that the organization has verified, as " +
						"an administrator reads them off the page of domains. Nothing is then asked of Atlassian: " +
						"enough for decisions over nested groups; what needs accounts, groups, claims or SCIM " +
						"records says so.",
				},
				"endpoint": schema.StringAttribute{
					Optional: true,
					MarkdownDescription: "The address of Atlassian's APIs, in place of `https://api.atlassian.com`. " +
						"Also from `ATLASSIAN_ENDPOINT`.",
				},
			},
		},
	}
}

func snapshotSchema() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "A file of what the services answered, to plan from without them, or to keep beside a " +
			"live read.",
		Attributes: map[string]schema.Attribute{
			"file": text("The file. A relative path starts at the folder in which the CLI runs (`-chdir`), not at " +
				"the module. " +
				tfutil.RequiredInBlock),
			"mode": text("`read` (default): plan from the file, without credentials; writes to the services are "+
				"refused. `record`: read the services and write what they answered to the file, at once and with "+
				"mode 0600, since it names people. The file holds what this run of the CLI has read, each part with "+
				"the time of its own read, and nothing of an earlier run, whose file is kept beside it as "+
				"`FILE.previous`; a read that fails leaves its part out. Only a snapshot of the same tenant is "+
				"replaced: anything else that is there is an error. Several provider configurations of one tenant "+
				"may record to one file.",
				stringvalidator.OneOf(modeRead, modeRecord), stringvalidator.AlsoRequires(sibling("file"))),
			"max_age": text("How old the file may be that is read, as a duration such as `36h`: an older one is "+
				"refused, and so is one that doesn't say when it was taken. Each part that is read counts by its own "+
				"time. Default: any age.",
				tfutil.Duration(), stringvalidator.AlsoRequires(sibling("file"))),
		},
	}
}
