package login

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// App is an app registration that may ask for tokens.
type App struct {
	ClientID      string    `json:"client_id"`
	Secret        string    `json:"client_secret,omitempty"`
	SecretExpires time.Time `json:"secret_expires,omitzero"` // zero: never
	Certificate   string    `json:"certificate,omitempty"`   // PEM; signs client assertions
	Federated     []Trust   `json:"federated,omitempty"`     // foreign issuers whose tokens are client assertions
	Roles         []string  `json:"roles"`                   // application permissions, granted
	Managed       bool      `json:"managed,omitempty"`       // the managed identity, for the identity endpoint
}

// Trust is a federated identity credential: the issuer and subject of tokens that stand for the app.
// Their signature isn't checked; the audience is, against api://AzureADTokenExchange.
type Trust struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
}

// AllRoles is what the default app may do: everything that the simulator has.
func AllRoles() []string {
	return []string{
		"User.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All", "Member.Read.Hidden",
		"Domain.ReadWrite.All", "Policy.Read.All", "Policy.ReadWrite.CrossTenantAccess",
		"Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "Synchronization.ReadWrite.All",
		"Organization.Read.All", "AuditLog.Read.All", "CrossTenantInformation.ReadBasic.All", "Device.Read.All",
		"OrgContact.Read.All",
	}
}

type appRegistry struct {
	mu   sync.Mutex
	apps map[string]App
}

func newAppRegistry() *appRegistry { return &appRegistry{apps: map[string]App{}} }

func (r *appRegistry) put(a App) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.apps[strings.ToLower(a.ClientID)] = a
}

func (r *appRegistry) get(clientID string) (App, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, ok := r.apps[strings.ToLower(clientID)]
	return a, ok
}

// managed is the managed identity with a client id, or the only one if that is empty.
func (r *appRegistry) managed(clientID string) (App, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.apps {
		if a.Managed && (clientID == "" || strings.EqualFold(a.ClientID, clientID)) {
			return a, true
		}
	}
	return App{}, false
}

// AddApp registers an app, or changes the one with its client id. Tokens that it already has keep
// their roles, as in Entra.
func (s *Service) AddApp(app App) error {
	if app.ClientID == "" {
		return fmt.Errorf("an app needs client_id")
	}
	if app.Certificate != "" {
		if _, err := app.certificate(); err != nil {
			return err
		}
	}
	app.Roles = slices.Clone(app.Roles)
	s.apps.put(app)
	return nil
}

func (a App) certificate() (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(a.Certificate))
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("the certificate of app %s isn't a PEM certificate", a.ClientID)
	}
	return x509.ParseCertificate(block.Bytes)
}

// thumbprints is what an assertion's header may name a certificate by: x5t and x5t#S256.
func thumbprints(cert *x509.Certificate) (sha1Sum, sha256Sum string) {
	one, two := sha1.Sum(cert.Raw), sha256.Sum256(cert.Raw)
	return base64.RawURLEncoding.EncodeToString(one[:]), base64.RawURLEncoding.EncodeToString(two[:])
}
