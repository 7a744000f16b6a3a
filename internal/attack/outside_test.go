package attack

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// Secrets that are planted, and may show nowhere.
const (
	secret = "planted-S3cret~value.of.the-app"
	apiKey = "planted-api-key-ATCTT3xFf"
	token  = "planted-access-token-eyJ0eXAi"
	oidc   = "planted-oidc-token-eyJhbGci"
)

var planted = []string{secret, apiKey, token, oidc}

// service is a small server that answers as a test wants, signed by a
// certificate in ca.pem.
func (b *bench) service(answer http.HandlerFunc) string {
	b.Helper()
	server := httptest.NewTLSServer(answer)
	b.Cleanup(server.Close)
	b.Write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	return server.URL
}

// login answers what the sign-in asks, and passes on what Graph is asked.
func login(graph http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		base := "https://" + r.Host
		switch {
		case strings.Contains(r.URL.Path, "openid-configuration"):
			writeJSON(w, map[string]any{
				"issuer": base + "/t/v2.0", "token_endpoint": base + "/t/oauth2/v2.0/token",
				"authorization_endpoint": base + "/t/oauth2/v2.0/authorize",
			})
		case strings.HasSuffix(r.URL.Path, "/token"):
			writeJSON(w, map[string]any{"token_type": "Bearer", "expires_in": 3600, "access_token": token})
		default:
			graph(w, r)
		}
	}
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// live is a provider block for a service.
func (b *bench) live(url string, parts ...string) {
	b.Helper()
	b.Write("main.tf", requires+fmt.Sprintf(`
provider "usersync" {
  entra {
    tenant_id      = "3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11"
    client_id      = "3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a12"
    client_secret  = %q
    graph_endpoint = %q
    authority_host = %q
  }
  organizations = { main = {
    organization_id = "9d3a1b52-7c44-4e0a-b1d5-0f6e2c8a4b90"
    api_key         = %q
    endpoint        = %q
  } }
  ca_file = "ca.pem"
}
`, secret, url, url, apiKey, url)+strings.Join(parts, "\n"))
}

const (
	directoryAlone    = `data "usersync_directory" "now" {}`
	organizationAlone = `data "usersync_organization" "main" {}`
)

// Errors about the provider block, beside which a CLI prints its source.
func TestAttack_08_ProviderBlock(t *testing.T) {
	t.Parallel()
	provider := func(entra, more string) string {
		return requires + fmt.Sprintf(`
provider "usersync" {
  entra {
    tenant_id = "3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11"
    client_id = "3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a12"
    client_secret = %q
    client_certificate = %q
    oidc_token = %q
%s
  }
  organizations = { main = {
    organization_id = "9d3a1b52-7c44-4e0a-b1d5-0f6e2c8a4b90"
    api_key         = %q
%s
}
`, secret, token, oidc, entra, apiKey, more) + sources
	}
	for name, config := range map[string]string{
		"Environment":   provider(`environment = "moon"`, "} }"),
		"Endpoint":      provider(`graph_endpoint = "http://plain.example"`, "} }"),
		"Authority":     provider(`authority_host = "not a url"`, "} }"),
		"BothSecrets":   provider(`client_secret_file_path = "nowhere"`, "} }"),
		"Certificate":   provider(`client_certificate_password = "x"`, "} }"),
		"AtlassianURL":  provider("", "endpoint = \"ftp://x.example\"\n} }"),
		"SCIMHalf":      provider("", "scim_directory_id = \"x\"\n} }"),
		"EmptySnapshot": provider("", "} }\n  snapshot { file = \"\" }"),
		"SnapshotMode":  provider("", "} }\n  snapshot {\n    file = \"x\"\n    mode = \"burn\"\n  }"),
		"CAFile":        provider("", "} }\n  ca_file = \"nowhere.pem\""),
		"Both":          provider(`use_cli = true`, "} }\n  cache_dir = \"/dev/null/x\""),
		"ClientID":      strings.Replace(provider("", "} }"), `client_id = "3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a12"`, `client_id = "no guid"`, 1),
		"TenantID":      strings.Replace(provider("", "} }"), `tenant_id = "3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11"`, `tenant_id = ""`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			attackNewest(t, func(b *bench) {
				b.Write("main.tf", config)
				r, err := b.Workspace.Run(b.Context(), "plan", "-no-color", "-input=false")
				b.Must(err)
				saysNot(b, "errors about the provider block print no secret", r.Output, planted...)
				if r.Code == 0 {
					b.Errorf("the attack is none: nothing is wrong with this block:\n%s", r.Output)
				}
			})
		})
	}
}

// What a service echoes, forges or bloats.
func TestAttack_09_ErrorBodies(t *testing.T) {
	t.Parallel()
	const promise = "services' error bodies are bounded, escaped and cleared of secrets"
	echo := func(status int, body func(r *http.Request, form string) string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			form, _ := io.ReadAll(r.Body)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body(r, string(form)))
		}
	}
	message := func(text string) string {
		raw, err := json.Marshal(map[string]any{
			"error": map[string]any{
				"code":    "BadRequest",
				"message": text,
			},
			"errors":  []any{map[string]any{"title": text, "detail": text}},
			"message": text,
		})
		if err != nil {
			panic(err)
		}
		return string(raw)
	}
	bearer := echo(
		400,
		func(r *http.Request, _ string) string { return message("you sent " + r.Header.Get("Authorization")) },
	)
	forged := echo(400, func(*http.Request, string) string {
		return message("no\x1b[2J\x1b]0;owned\x07\n\nApply complete! Resources: 9 " +
			"added.\n\u202eback\u0085next\u2028line")
	})
	large := echo(400, func(*http.Request, string) string { return message(strings.Repeat("bloated ", 400_000)) })
	denied := func(body func(form string) map[string]any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/token") {
				login(http.NotFound)(w, r)
				return
			}
			form, _ := io.ReadAll(r.Body)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_ = json.NewEncoder(w).Encode(body(string(form)))
		}
	}
	loginEcho := denied(func(form string) map[string]any {
		return map[string]any{"error": "invalid_client", "error_description": "AADSTS7000215: you sent " + form}
	})
	loginForged := denied(func(string) map[string]any {
		return map[string]any{"error": "invalid_client", "error_description": "no\x1b[2J\r\n\nApply complete! " +
			"Resources: 9 added."}
	})
	for name, c := range map[string]struct {
		config string
		answer http.HandlerFunc
	}{
		"OrganizationEchoes": {organizationAlone, bearer},
		"OrganizationForges": {organizationAlone, forged},
		"OrganizationBloats": {organizationAlone, large},
		"GraphEchoes":        {directoryAlone, login(bearer)},
		"GraphForges":        {directoryAlone, login(forged)},
		"GraphBloats":        {directoryAlone, login(large)},
		"LoginEchoes":        {directoryAlone, loginEcho},
		"LoginForges":        {directoryAlone, loginForged},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(b *bench) {
				b.live(b.service(c.answer), c.config)
				n := b.try(promise)
				b.tidied(promise, n)
			})
		})
	}
}

var forged = regexp.MustCompile(`\n[│ ]*\r?\n[│ ]*Apply complete!`)

// tidied fails on what no text from outside may bring along.
func (b *bench) tidied(promise string, n *night) {
	b.Helper()
	if n.Code == 0 {
		b.Errorf("the attack is none: the plan passes:\n%s", n.Output)
	}
	shown := n.Output
	if len(shown) > 4000 {
		shown = shown[:4000]
	}
	for _, bad := range append([]string{"\x1b", "\x07", "\u202e", "\u0085", "\u2028"}, planted...) {
		if strings.Contains(n.Output, bad) {
			b.Errorf("BROKEN: %s: it shows %q:\n%s", promise, bad, shown)
		}
	}
	// A paragraph of its own: the CLI's wrapping alone can begin a line with it.
	if forged.MatchString(n.Output) {
		b.Errorf("BROKEN: %s: a line is forged:\n%s", promise, shown)
	}
	if len(n.Output) > 20_000 {
		b.Errorf("BROKEN: %s: %d bytes are shown:\n%s", promise, len(n.Output), shown)
	}
}

// Names in a file that somebody else made.
func TestAttack_09_SnapshotNames(t *testing.T) {
	t.Parallel()
	const promise = "text from a file is bounded and escaped"
	for name, change := range map[string]func(s *tenant){
		"OrganizationKey": func(s *tenant) {
			o := s.doc["organizations"].(map[string]any)
			o["other\x1b[2J\n\nApply complete! Resources: 9 added."] = o["main"]
			delete(o, "main")
		},
		"OrganizationKeyBloats": func(s *tenant) {
			o := s.doc["organizations"].(map[string]any)
			o[strings.Repeat("bloated ", 20_000)] = o["main"]
			o["second"] = o["main"]
			delete(o, "main")
		},
		"Pointer": func(s *tenant) {
			o := s.doc["organizations"].(map[string]any)
			o[strings.Repeat("k", 40_000)+"\x1b[2J"] = map[string]any{"domains": 5}
		},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(b *bench) {
				s := b.example()
				change(s)
				b.save(s)
				b.configure(`data "usersync_organization" "main" { organization = "main" }`)
				b.tidied(promise, b.try(promise))
			})
		})
	}
}

// Services that are down, or behind a proxy that is.
func TestAttack_11_Down(t *testing.T) {
	t.Parallel()
	t.Run("LoginServiceIs502", func(t *testing.T) {
		attack(t, func(b *bench) {
			const promise = "what fails is told with the service and its status"
			b.live(b.service(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "0")
				http.Error(w, "bad gateway", http.StatusBadGateway)
			}), directoryAlone)
			n := b.within(promise, 100*time.Second)
			saysNot(b, "timeouts don't exist on a data source", n.Output, "timeouts", "timeout")
			n.says(promise, "502")
		})
	})
	t.Run("DeadProxy", func(t *testing.T) {
		attack(t, func(b *bench) {
			const promise = "a dead proxy is told at once"
			dead := httptest.NewServer(http.NotFoundHandler())
			dead.Close()
			b.Env = append(b.Env, "HTTPS_PROXY="+dead.URL, "NO_PROXY=")
			b.Write("ca.pem", "")
			b.live("https://graph.usersync.example", organizationAlone)
			b.Write("main.tf", strings.Replace(b.read("main.tf"), `ca_file = "ca.pem"`, "", 1))
			b.within(promise, 25*time.Second).says(promise, "proxy")
		})
	})
}

// within is a plan that must fail before a time.
func (b *bench) within(promise string, limit time.Duration) *night {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), limit)
	defer cancel()
	r, err := b.Workspace.Run(ctx, "plan", "-no-color", "-input=false")
	if ctx.Err() != nil {
		b.Fatalf("BROKEN: %s: it still runs after %s:\n%s", promise, limit, r.Output)
	}
	b.Must(err)
	if r.Code == 0 {
		b.Errorf("BROKEN: %s: the plan passes:\n%s", promise, r.Output)
	}
	return &night{b: b, Result: r}
}

// The first of some readers fails: the others ask for themselves.
func TestAttack_13_FirstReaderFails(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"Forbidden": 403, "BadRequest": 400, "NotFound": 404} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(b *bench) {
				var once sync.Once
				first := true
				url := b.service(func(w http.ResponseWriter, _ *http.Request) {
					fails := false
					once.Do(func() { fails = first })
					if fails {
						http.Error(w, "{}", status)
						return
					}
					writeJSON(w, map[string]any{"data": []any{}, "links": map[string]any{}})
				})
				b.live(url, `
data "usersync_organization" "a" {}
data "usersync_organization" "b" {}
data "usersync_organization" "c" {}
`)
				n := b.try("a failed read isn't the answer of others")
				if got := strings.Count(n.Output, "Error:"); got != 1 {
					b.Errorf("BROKEN: one that fails isn't the answer to somebody else's question: %d "+
						"errors:\n%s", got, n.Output)
				}
			})
		})
	}
}
