package graph

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/policies"

	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

type partnerSync = models.CrossTenantIdentitySyncPolicyPartnerable

func decodeSync(raw string) (partnerSync, error) {
	return DecodeModel[partnerSync](
		[]byte(raw),
		models.CreateCrossTenantIdentitySyncPolicyPartnerFromDiscriminatorValue,
	)
}

// What a model doesn't know survives a read and a write.
func TestDecodeModel_UnknownProperties(t *testing.T) {
	const raw = `{"displayName":"A","userSyncInbound":{"isSyncAllowed":true,"newer":"x"},"another":{"a":[1]}}`
	m, err := decodeSync(raw)
	if err != nil {
		t.Fatal(err)
	}
	got, err := EncodeModel(m)
	if err != nil || string(got) != raw {
		t.Errorf("got %s (%v), want %s", got, err, raw)
	}
}

func TestDecodeModel_Malformed(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 1<<20)
	for name, raw := range map[string]string{
		"empty":           ``,
		"HTML":            `<html>`,
		"null":            `null`,
		"a list":          `[]`,
		"a text":          `"x"`,
		"another type":    `{"displayName":1}`,
		"more after it":   `{} {}`,
		"deep":            deep + "1" + strings.Repeat("}", 1<<20),
		"deep and cut":    deep,
		"deep, of arrays": `{"a":` + strings.Repeat("[", 1<<20) + strings.Repeat("]", 1<<20) + "}",
	} {
		if m, err := decodeSync(raw); err == nil {
			t.Errorf("%s is read as %+v", name, m)
		}
	}
}

// A refusal of a request that a builder describes has what every other has.
func TestGet_Refusal(t *testing.T) {
	b := companyTenant(t)
	c := b.client()
	info, err := policies.NewCrossTenantAccessPolicyRequestBuilderInternal(c.Builder()).Partners().
		ByCrossTenantAccessPolicyConfigurationPartnerTenantId("00000000-0000-4000-8000-000000000009").
		IdentitySynchronization().ToGetRequestInformation(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := Request{Info: info, Operation: "reading a policy", Need: Need{AnyOf: []string{"Policy.Read.All"}}}
	_, err = Get[partnerSync](
		t.Context(),
		c,
		r,
		models.CreateCrossTenantIdentitySyncPolicyPartnerFromDiscriminatorValue,
	)
	var e *Error
	if !errors.As(err, &e) || !NotFound(err) || e.Code == "" || e.Message == "" || e.RequestID == "" ||
		e.Operation != r.Operation || len(e.Permissions) != 1 {
		t.Errorf("got %+v (%v), want a refusal with code, message, request id, operation and permissions", e, err)
	}
}

// A builder that is pointed elsewhere sends nothing.
func TestDo_DescribedForAnotherHost(t *testing.T) {
	b := companyTenant(t)
	c := b.client()
	parameters, adapter := c.Builder()
	parameters["baseurl"] = "https://evil.example/v1.0"
	info, err := policies.NewCrossTenantAccessPolicyRequestBuilderInternal(parameters, adapter).
		ToGetRequestInformation(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	b.ResetRequests()
	_, err = c.Do(context.Background(), Request{Info: info, Operation: "reading"})
	if !errors.Is(err, transport.ErrOtherHost) || b.Requests().Total != 0 {
		t.Errorf("got %v after %d requests, want none to another host", err, b.Requests().Total)
	}
}

// Requests are those of a plain description where no builder describes them.
func TestDo_OtherAddresses(t *testing.T) {
	c := companyTenant(t).client()
	for _, address := range []string{"http://graph.example/v1.0/users", "https://evil.example/v1.0/users", "users", "https://%zz"} {
		r := Request{Method: http.MethodGet, URL: address, Operation: "reading"}
		if _, err := c.Do(context.Background(), r); err == nil || !strings.HasPrefix(err.Error(), "reading: ") {
			t.Errorf("%s: got %v, want a refusal", address, err)
		}
	}
}
