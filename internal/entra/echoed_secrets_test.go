package entra

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
)

// echo is what a malicious service says to whoever sent a secret: the secret, a
// terminal's escapes, lines that look like the CLI's, and megabytes.
func echo(secret string) string {
	return "you sent " + secret + " " + url.QueryEscape(secret) + "\x1b[2J\r\nError: forged\n##vso[task.setvariable " +
		"variable=x]y " + strings.Repeat("long ", 1<<19) + secret
}

// clean fails where an error shows what a service must not get us to print.
func clean(t *testing.T, err error, secrets ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("there is no error")
	}
	text := err.Error()
	for _, bad := range append(secrets, "\x1b", "\n", "\r") {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in %.700q", bad, text)
		}
	}
	if n := utf8.RuneCountInString(text); n > 2000 {
		t.Errorf("the error has %d characters", n)
	}
	if !strings.Contains(text, sanitize.Redacted) {
		t.Errorf("nothing was redacted: %.700q", text)
	}
}

// What a service echoes is bounded, escaped and without secrets: the client
// secret of the login, and the token that Graph gets in each request, which is
// in no configuration.
func TestEchoedSecrets(t *testing.T) {
	b := companyTenant(t)
	login := b.front(func(r *http.Request, _ []byte) (int, string, []byte) {
		if r.ParseForm() != nil || !r.PostForm.Has("client_secret") {
			return 0, "", nil
		}
		return 401, "application/json", []byte(
			`{"error":"invalid_client","error_description":` + quoted(
				echo(r.PostForm.Get("client_secret")),
			) + `,"error_codes":[1]}`,
		)
	})
	c := b.client(func(c *Config) { c.ClientSecret, c.AuthorityHost = planted+"/+ x", login.URL })
	err := c.SignIn(context.Background(), NeedUsers)
	var refused *SignInError
	if !errors.As(err, &refused) {
		t.Fatalf("%.500v", err)
	}
	clean(t, err, planted)

	var token string
	graph := b.front(func(r *http.Request, _ []byte) (int, string, []byte) {
		if r.URL.Path != "/v1.0/domains" {
			return 0, "", nil
		}
		token = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		return 400, "application/json", []byte(
			`{"error":{"code":"` + token + `","message":` + quoted(echo(token)) + `}}`,
		)
	})
	_, err = b.clientAt(graph.URL).ReadDirectory(context.Background(), ReadOptions{Groups: []string{}})
	var e *Error
	if !errors.As(err, &e) || token == "" {
		t.Fatalf("%.500v", err)
	}
	clean(t, err, token)
}

// The credentials of a job are in the request's body: a refusal that quotes it,
// cut anywhere, shows none.
func TestEchoedCredentials_Cut(t *testing.T) {
	b := companyTenant(t)
	graph := b.front(func(r *http.Request, _ []byte) (int, string, []byte) {
		if !strings.HasSuffix(r.URL.Path, "/secrets") {
			return 0, "", nil
		}
		body, _ := io.ReadAll(r.Body)
		return 400, "application/json", []byte(
			`{"error":{"code":"BadRequest","message":` + quoted(
				strings.Repeat("x", sanitize.MaxLine-60)+string(body),
			) + `}}`,
		)
	})
	err := b.clientAt(graph.URL).
		PutSecrets(context.Background(), "app", []Secret{{"SecretToken", planted}, {"SyncAll", "false"}})
	clean(t, err, planted, planted[:8])
}

// quoted is a text as JSON.
func quoted(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(raw)
}
