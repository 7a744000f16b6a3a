package login

import (
	"cmp"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
)

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// assertion is a JWT that stands for an app: signed by its certificate, or made by an issuer it trusts.
type assertion struct {
	head struct {
		Alg  string `json:"alg"`
		Kid  string `json:"kid"`
		X5T  string `json:"x5t"`
		X5T2 string `json:"x5t#S256"`
	}
	claims struct {
		Issuer   string          `json:"iss"`
		Subject  string          `json:"sub"`
		Audience json.RawMessage `json:"aud"`
		Expires  float64         `json:"exp"`
		NotUntil float64         `json:"nbf"`
	}
	signed    string
	signature []byte
}

func parseAssertion(text string) (*assertion, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil, errMalformed
	}
	a := &assertion{signed: parts[0] + "." + parts[1]}
	for i, into := range []any{&a.head, &a.claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, into); err != nil {
			return nil, err
		}
	}
	var err error
	a.signature, err = base64.RawURLEncoding.DecodeString(parts[2])
	return a, err
}

// audience is the first audience, which may be a string or a list.
func (a *assertion) audience() string {
	var one string
	if json.Unmarshal(a.claims.Audience, &one) == nil {
		return one
	}
	var many []string
	if json.Unmarshal(a.claims.Audience, &many) == nil && len(many) > 0 {
		return many[0]
	}
	return ""
}

// proveByAssertion checks a client assertion: its time, then whichever of certificate and federation
// its issuer says it is.
func (c *call) proveByAssertion(app App, form url.Values) *kernel.Response {
	if form.Get("client_assertion_type") != assertionType {
		return c.loginError(
			http.StatusBadRequest, "invalid_request", 900144,
			"The request body must contain the following parameter: 'client_assertion_type'.",
		)
	}
	a, err := parseAssertion(form.Get("client_assertion"))
	if err != nil {
		return c.loginError(http.StatusUnauthorized, "invalid_client", 50027, "JWT token is invalid or malformed.")
	}
	now := float64(c.srv.clock.Now().Unix())
	if a.claims.Expires < now || a.claims.NotUntil > now+300 {
		return c.loginError(
			http.StatusUnauthorized, "invalid_client", 700024, "Client assertion is not within its valid time range.",
		)
	}
	if strings.EqualFold(a.claims.Issuer, app.ClientID) {
		return c.proveByCertificate(app, a)
	}
	for _, t := range app.Federated {
		if t.Issuer != a.claims.Issuer || t.Subject != a.claims.Subject {
			continue
		}
		if a.audience() != "api://AzureADTokenExchange" {
			return c.loginError(
				http.StatusUnauthorized, "invalid_client", 700212,
				fmt.Sprintf("No matching federated identity record found for presented assertion audience "+
					"'%s'.", a.audience()),
			)
		}
		return nil
	}
	return c.loginError(http.StatusUnauthorized, "invalid_client", 700213, fmt.Sprintf(
		"No matching federated identity record found for presented assertion subject '%s'. Check your federated "+
			"identity credential Subject, Audience and Issuer against the presented assertion.",
		a.claims.Subject))
}

func (c *call) proveByCertificate(app App, a *assertion) *kernel.Response {
	unknown := func() *kernel.Response {
		return c.loginError(http.StatusUnauthorized, "invalid_client", 700027, fmt.Sprintf(
			"The certificate with identifier used to sign the client assertion is not registered on application. "+
				"[Reason - The key was not found., Thumbprint of key used by client: '%s']",
			cmp.Or(a.head.X5T, a.head.X5T2, a.head.Kid)))
	}
	if app.Certificate == "" {
		return unknown()
	}
	cert, err := app.certificate() // checked when the app was registered
	if err != nil {
		return unknown()
	}
	short, long := thumbprints(cert)
	if plainURL(a.head.X5T) != short && plainURL(a.head.X5T2) != long && !a.namesByKid(cert) {
		return unknown()
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok || !a.verified(key) {
		return c.loginError(
			http.StatusUnauthorized, "invalid_client", 700027, "Client assertion failed signature validation.",
		)
	}
	if !strings.EqualFold(a.claims.Subject, app.ClientID) || !strings.HasPrefix(a.audience(), c.Base+"/") {
		return c.loginError(
			http.StatusUnauthorized, "invalid_client", 700023,
			fmt.Sprintf(
				"Client assertion audience claim does not match Realm issuer. Review the documentation. Audience: '%s'",
				a.audience(),
			),
		)
	}
	return nil
}

// plainURL is base64 in the URL's alphabet without padding; MSAL writes thumbprints in the standard one.
func plainURL(text string) string {
	return strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(text)
}

func (a *assertion) verified(key *rsa.PublicKey) bool {
	sum := sha256.Sum256([]byte(a.signed))
	switch a.head.Alg {
	case "RS256":
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], a.signature) == nil
	case "PS256":
		return rsa.VerifyPSS(key, crypto.SHA256, sum[:], a.signature, nil) == nil
	}
	return false
}

// namesByKid says whether the header names a certificate by kid alone, as some libraries do: by a thumbprint in base64
// or in hexadecimal digits.
func (a *assertion) namesByKid(cert *x509.Certificate) bool {
	short, long := thumbprints(cert)
	one, two := sha1.Sum(cert.Raw), sha256.Sum256(cert.Raw)
	kid := a.head.Kid
	return plainURL(kid) == short || plainURL(kid) == long ||
		strings.EqualFold(kid, hex.EncodeToString(one[:])) || strings.EqualFold(kid, hex.EncodeToString(two[:]))
}
