package scim

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/scimapp"
)

func atOnce(int, time.Duration) time.Duration { return 0 }

func clientOf(t *testing.T, endpoint string, roots *x509.CertPool) *Client {
	t.Helper()
	c, err := New(Config{Endpoint: endpoint, Token: simulator.DefaultSecretToken, Roots: roots, Wait: atOnce})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Everybody is read, by cursor and by startIndex.
func TestUsers(t *testing.T) {
	for name, rules := range map[string]scimapp.Rules{"startIndex": scimapp.Plain(), "cursor": scimapp.IdentityCenter()} {
		t.Run(name, func(t *testing.T) {
			rules.Page = 2
			s, err := simulator.New(nil, simulator.WithApplication("it", rules))
			if err == nil {
				err = s.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			roots := x509.NewCertPool()
			roots.AppendCertsFromPEM(s.CAPEM())
			c := clientOf(t, s.URL()+scimapp.Path("it"), roots)
			for i := range 5 {
				body := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u%d",`+
					`"externalId":"e%d","displayName":"U","name":{"givenName":"U","familyName":"U"},"active":%t}`, i, i, i != 3)
				req, _ := http.NewRequest(http.MethodPost, c.base+"/Users", strings.NewReader(body))
				req.Header.Set("Authorization", "Bearer "+simulator.DefaultSecretToken)
				resp, err := c.http.Do(req)
				if err == nil {
					_ = resp.Body.Close()
				}
				if err != nil || resp.StatusCode != http.StatusCreated {
					t.Fatal(resp, err)
				}
			}
			got, err := c.Users(t.Context())
			if err != nil || len(got) != 5 || got[4].UserName != "u4" || got[4].ExternalID != "e4" || got[3].Active ||
				!got[4].Active {
				t.Errorf("got %+v, %v", got, err)
			}
			c.config.Token = "another"
			var refused *Error
			if _, err := c.Users(
				t.Context(),
			); !errors.As(err, &refused) || refused.Status != 401 ||
				refused.Advice() == "" {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Servers that don't do as RFC 7644 says.
func TestUsers_Trouble(t *testing.T) {
	page := `{"totalResults":5,"Resources":[{"id":"1","userName":"a"}]}`
	for name, x := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		want   string
	}{
		"the same page again": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, page) }, "the same page came twice"},
		"the same cursor": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"nextCursor":"x","Resources":[]}`)
		}, "the same link to a next page came twice"},
		"fewer than it says": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"totalResults":5,"Resources":[]}`)
		}, "says that it has 5 users, and gives 0"},
		"no JSON":     {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }, "no JSON"},
		"users of no": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"Resources":{}}`) }, "isn't a list"},
		"the token in an error": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, `{"detail":"no %s"}`, r.Header.Get("Authorization"))
		}, "403"},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewTLSServer(http.HandlerFunc(x.answer))
			t.Cleanup(s.Close)
			roots := x509.NewCertPool()
			roots.AddCert(s.Certificate())
			_, err := clientOf(t, s.URL, roots).Users(t.Context())
			if err == nil || !strings.Contains(err.Error(), x.want) ||
				strings.Contains(err.Error(), simulator.DefaultSecretToken) {
				t.Errorf("got %v, want %s", err, x.want)
			}
		})
	}
}

// A server that refuses a cursor is asked by startIndex.
func TestUsers_NoCursor(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("cursor") {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, `{"totalResults":1,"Resources":[{"id":"1","userName":"a"}]}`)
	}))
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	got, err := clientOf(t, s.URL, roots).Users(t.Context())
	if err != nil || len(got) != 1 || !got[0].Active {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNew(t *testing.T) {
	for name, c := range map[string]Config{
		"no address":  {Endpoint: "http://host", Token: "t"},
		"a query":     {Endpoint: "https://host?x=1", Token: "t"},
		"no token":    {Endpoint: "https://host"},
		"a long line": {Endpoint: "https://host", Token: "secret\n"},
	} {
		var wrong *ConfigError
		if _, err := New(c); !errors.As(err, &wrong) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
