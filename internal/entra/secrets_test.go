package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func TestSecrets(t *testing.T) {
	ctx := context.Background()
	_, c, j := job(t)
	if got, err := c.Secrets(ctx, app); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
	good := []Secret{
		{"BaseAddress", "https://scim.example"},
		{"SecretToken", simulator.DefaultSecretToken},
		{"SyncAll", "false"},
	}
	if err := c.PutSecrets(ctx, app, good); err != nil {
		t.Fatal(err)
	}
	got, err := c.Secrets(ctx, app)
	if want := []Secret{good[0], {"SecretToken", "*"}, good[2]}; err != nil || !slices.Equal(got, want) {
		t.Error(got, err)
	}
	bad := []Secret{{"BaseAddress", "https://scim.example"}, {"SecretToken", planted}}
	for name, x := range map[string]struct {
		job, template string
		secretValues  []Secret
		code          string
	}{
		"saved":                    {j.ID, "", nil, ""},
		"given":                    {j.ID, "", good, ""},
		"by template":              {"", "customappsso", good, ""},
		"wrong":                    {j.ID, "customappsso", bad, "InvalidCredentials"},
		"wrong, by template":       {"", "customappsso", bad, "InvalidCredentials"},
		"none":                     {j.ID, "", []Secret{}, "InvalidCredentials"},
		"cross-tenant, no partner": {"", "Azure2Azure", []Secret{{"CompanyId", other}, {"AuthenticationType", "SyncPolicy"}}, "AzureDirectoryB2BManagementPolicyCheckFailure"},
	} {
		err := c.ValidateCredentials(ctx, app, x.job, x.template, x.secretValues)
		noSecret(t, err)
		if x.code == "" {
			if err != nil {
				t.Error(name, err)
			}
			continue
		}
		var e *Error
		if !errors.As(err, &e) || e.Status != 400 || e.Code != x.code || strings.ContainsAny(e.Message, "{}") ||
			e.Message == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.PutSecrets(ctx, app, bad); err != nil {
		t.Error(err)
	}
	var e *Error
	if err := c.ValidateCredentials(ctx, app, j.ID, "", nil); !errors.As(err, &e) || e.Code != "InvalidCredentials" {
		t.Error(err)
	}
}

func TestSecretRequests(t *testing.T) {
	s := cannedTenant(t, func(_ int, r *http.Request) (int, string) {
		if r.Method == http.MethodGet {
			return 200, `{"value":[{"key":"SecretToken","value":null},{"key":"BaseAddress"},{"key":"SyncAll","value":"true"}]}`
		}
		return 204, ""
	})
	ctx, c := context.Background(), s.client
	got, err := c.Secrets(ctx, app)
	if want := []Secret{
		{Key: "SecretToken"},
		{Key: "BaseAddress"},
		{"SyncAll", "true"},
	}; err != nil ||
		!slices.Equal(got, want) {
		t.Error(got, err)
	}
	some := []Secret{{"SyncNotificationSettings", `{"Enabled":false}`}, {"Password", ""}}
	for _, err := range []error{
		c.PutSecrets(ctx, app, some), c.PutSecrets(ctx, app, nil), c.ValidateCredentials(ctx, app, "", "t", some[1:]), c.ValidateCredentials(ctx, app, "j.1", "", nil),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	root := "/v1.0/servicePrincipals/" + app + "/synchronization/"
	want := []string{
		"GET " + root + "secrets",
		"PUT " + root + `secrets {"value":[{"key":"SyncNotificationSettings","value":"{\"Enabled\":false}"},{"key":"Password","value":""}]}`,
		"PUT " + root + `secrets {"value":[]}`,
		"POST " + root + `jobs/validateCredentials {"credentials":[{"key":"Password","value":""}],"templateId":"t","useSavedCredentials":false}`,
		"POST " + root + `jobs/j.1/validateCredentials {"useSavedCredentials":true}`,
	}
	if !slices.Equal(s.asked, want) {
		t.Errorf("got  %q\nwant %q", s.asked, want)
	}
}

// A service that echoes what it was sent, in each way that it might.
func TestEchoedCredentials(t *testing.T) {
	const address, odd = "https://" + planted + ".example/scim", planted + `"\<é &+/` + "\n"
	secrets := []Secret{
		{"SecretToken", planted},
		{"BaseAddress", address},
		{"Password", odd},
		{"SyncAll", "false"},
		{"AuthenticationType", "SyncPolicy"},
		{"UserName", "bob"},
	}
	sent, _ := json.Marshal(map[string]any{"value": secrets})
	inner, _ := json.Marshal(
		map[string]string{
			"Message": "SyncAll is false, SyncPolicy, bob: " + string(
				sent,
			) + url.QueryEscape(
				odd,
			) + url.PathEscape(
				odd,
			) + odd,
		},
	)
	for name, message := range map[string]string{
		"in a message":         "SyncAll is false, SyncPolicy, bob: " + planted + " at " + address,
		"JSON in a message":    "SyncAll is false, SyncPolicy, bob: " + string(sent),
		"JSON in JSON":         string(inner),
		"JSON that is no JSON": "SyncAll is false, SyncPolicy, bob: " + string(inner),
		"in the code":          "SyncAll is false, SyncPolicy, bob",
	} {
		body, _ := json.Marshal(map[string]any{"error": map[string]any{"code": "Bad" + planted, "message": message}})
		var logged []string
		s := cannedTenant(t, always(400, string(body)))
		s.log = func(_ context.Context, message string, fields map[string]any) {
			logged = append(logged, message+fmt.Sprint(fields))
		}
		for _, err := range []error{
			s.client.PutSecrets(context.Background(), app, secrets),
			s.client.ValidateCredentials(context.Background(), app, "j", "", secrets),
		} {
			var e *Error
			if !errors.As(err, &e) || e.Status != 400 ||
				!strings.Contains(e.Message, "SyncAll is false, SyncPolicy, bob") ||
				!strings.Contains(e.Error(), sanitize.Redacted) {
				t.Error(name, err)
			}
			noSecret(t, err)
			if strings.Contains(fmt.Sprintf("%+v %#v", e, e), planted) {
				t.Errorf("%s: %+v", name, e)
			}
		}
		if len(logged) != 2 || strings.Contains(strings.Join(logged, ""), planted) {
			t.Error(logged)
		}
	}
	if err := redact(
		fmt.Errorf("a: %w", errors.New(planted)),
		secrets,
	); err.Error() != "a: "+sanitize.Redacted ||
		errors.Unwrap(err) != nil {
		t.Error(err)
	}
	if err := redact(fmt.Errorf("a: %w", context.Canceled), secrets); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
