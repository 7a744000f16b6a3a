package acceptance

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// pipelineApp is the client id of the app that signs in by certificate or token.
const pipelineApp = "22222222-3333-4444-8555-666666666666"

// certificate makes a certificate with its key, in PEM.
func (b *bench) certificate() (public, both string) {
	b.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	b.Must(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "usersync"},
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	b.Must(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	b.Must(err)
	public = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return public, public + string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
}

// Every way to sign in that people set up plans through the CLIs: by variables, as
// pipelines do, and by arguments.
func TestSignIn(t *testing.T) {
	each(t, func(b *bench) {
		b.simulated()
		public, both := b.certificate()
		b.Must(b.Server.AddApp(simulator.App{
			ClientID:    pipelineApp,
			Certificate: public,
			Federated: []simulator.Trust{
				{Issuer: b.Server.URL() + "/_simulator/oidc", Subject: "repo:company/identity"},
			},
			Roles: globalReader.May,
		}))
		b.Write("app.pem", both)
		request := b.Server.URL() + "/_simulator/oidc/token?subject=repo:company/identity"
		token, _ := b.send(b.client(), "GET", request, "application/json", "", nil)["value"].(string)
		b.Write("token", token+"\n")
		b.az(globalReader)
		b.Env = append(b.Env, "ARM_TENANT_ID="+b.Server.TenantID())
		id := "ARM_CLIENT_ID=" + pipelineApp
		bare := slices.Clone(b.Env)
		for name, c := range map[string]struct {
			env   []string
			block string
		}{
			"Azure CLI":                {},
			"Azure CLI, by name":       {block: "use_cli = true"},
			"certificate file":         {env: []string{id, "ARM_CLIENT_CERTIFICATE_PATH=" + filepath.Join(b.Dir, "app.pem")}},
			"certificate":              {env: []string{id, "ARM_CLIENT_CERTIFICATE=" + base64.StdEncoding.EncodeToString([]byte(both))}},
			"certificate, by argument": {block: "client_id = \"" + pipelineApp + "\"\n    client_certificate_path = \"app.pem\""},
			"OIDC token":               {env: []string{id, "ARM_USE_OIDC=true", "ARM_OIDC_TOKEN=" + token}},
			"OIDC token file":          {env: []string{id, "ARM_USE_OIDC=true", "ARM_OIDC_TOKEN_FILE_PATH=token"}},
			"AKS":                      {env: []string{id, "ARM_USE_AKS_WORKLOAD_IDENTITY=true", "AZURE_FEDERATED_TOKEN_FILE=" + filepath.Join(b.Dir, "token")}},
			"GitHub": {env: []string{
				id, "ARM_USE_OIDC=true", "ACTIONS_ID_TOKEN_REQUEST_URL=" + request, "ACTIONS_ID_TOKEN_REQUEST_TOKEN=hosts",
			}},
			"Azure DevOps": {env: []string{
				id, "ARM_USE_OIDC=true", "SYSTEM_OIDCREQUESTURI=" + request, "SYSTEM_ACCESSTOKEN=hosts",
				"ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID=connection",
			}},
		} {
			b.Env = append(slices.Clone(bare), c.env...)
			b.Write(
				"main.tf",
				requires+"provider \"usersync\" {\n  entra {\n    "+c.block+"\n  }\n  organizations = {\n    main = "+
					"{ verified_domains = [\"company.com\"] }\n  }\n}\n"+sources+guard(),
			)
			r, err := b.Workspace.Run(b.Context(), "plan", "-no-color", "-input=false", "-detailed-exitcode")
			b.Must(err)
			if r.Code != 2 {
				b.Errorf("%s: the plan ended with %d:\n%s", name, r.Code, r.Output)
			}
			b.saysNot(r.Output, token, "PRIVATE KEY")
		}
	})
}
