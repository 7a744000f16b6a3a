package provisioning

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/scim"
)

type trustedTarget struct {
	base      string
	transport http.RoundTripper
	own       bool // it is this server
}

func (t trustedTarget) covers(base string) bool {
	return base == t.base || strings.HasPrefix(base, t.base+"/")
}

// InProcess is a transport that asks a server without a network in between.
type InProcess struct{ Handler http.Handler }

// RoundTrip implements [http.RoundTripper].
func (p InProcess) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	w := httptest.NewRecorder()
	defer func() {
		if cut := recover(); cut != nil {
			answer, err = nil, fmt.Errorf("the connection ended: %v", cut)
		}
	}()
	in := r.Clone(r.Context())
	in.Host = r.URL.Host
	p.Handler.ServeHTTP(w, in)
	return w.Result(), nil
}

// scimTarget is the SCIM endpoint that a job provisions into.
type scimTarget struct {
	base, token string
	client      *http.Client
}

// target is nil for an address that isn't trusted.
func (s *Engine) target(base, token string) *scimTarget {
	base = plainAddress(base)
	out := &scimTarget{base: base, token: token, client: &http.Client{Timeout: time.Minute}}
	for _, t := range s.targets {
		if t.covers(base) {
			out.client.Transport = t.transport
			return out
		}
	}
	if !s.ownAddress(base) {
		return nil
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.CA())
	out.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	return out
}

// plainAddress is a BaseAddress without a slash at its end and without the switches that people put behind
// it, such as ?aadOptscim062020.
func plainAddress(base string) string {
	base, _, _ = strings.Cut(base, "?")
	return strings.TrimSuffix(base, "/")
}

// ownAddress says whether an address is one that this server answers for.
func (s *Engine) ownAddress(base string) bool {
	for _, t := range s.targets {
		if t.own && t.covers(base) {
			return true
		}
	}
	u, err := url.Parse(base)
	if err != nil || s.URL() == "" || u.Scheme != "https" {
		return false
	}
	own, err := url.Parse(s.URL())
	if err != nil || u.Port() != own.Port() {
		return false
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback() || "https://"+u.Host == s.URL()
}

// targetError is an answer of the target's that isn't a success.
type targetError struct {
	status   int
	scimType string
	detail   string
	matching bool // while looking for who is there
}

func (e *targetError) Error() string {
	return fmt.Sprintf("StatusCode: %d, %s. Message: %s", e.status, http.StatusText(e.status), e.detail)
}

// code is the error's in the logs ([graph 3.8]; [atlassian 2.5]).
func (e *targetError) code() string {
	switch {
	case e.matching && e.status == http.StatusBadRequest:
		return "SystemForCrossDomainIdentityManagementServiceIncompatibleFiltering"
	case e.status == http.StatusConflict:
		return "EntryConflict"
	case e.status == http.StatusUnauthorized:
		return "Unauthorized"
	case e.status == http.StatusForbidden:
		return "InsufficientRights"
	case e.status == http.StatusTooManyRequests:
		return "TooManyRequests"
	case e.status == http.StatusUnprocessableEntity:
		return "UnprocessableEntity"
	case e.status >= http.StatusInternalServerError:
		return "InternalServerError"
	}
	return "SystemForCrossDomainIdentityManagementServiceIncompatible"
}

// CodeOf is that of any error on the way to the target.
func CodeOf(err error) string {
	var e *targetError
	var policy *policyError
	switch {
	case errors.As(err, &e):
		return e.code()
	case errors.As(err, &policy):
		return policyCheckFailure
	}
	return "InternalServerError"
}

func statusOf(err error) int {
	var e *targetError
	if errors.As(err, &e) {
		return e.status
	}
	return 0
}

// do sends a request and decodes the answer.
func (t *scimTarget) do(ctx context.Context, method, path string, body any) (rawjson.Object, error) {
	var payload io.Reader = http.NoBody
	if body != nil {
		payload = bytes.NewReader(rawjson.Marshal(body))
	}
	r, err := http.NewRequestWithContext(ctx, method, t.base+path, payload)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+t.token)
	r.Header.Set("Accept", scim.ContentType)
	r.Header.Set("Content-Type", scim.ContentType)
	answer, err := t.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, kernel.MaxBody))
	if err != nil {
		return nil, err
	}
	var out rawjson.Object
	decoded := json.Unmarshal(raw, &out)
	if answer.StatusCode >= http.StatusBadRequest {
		detail, _ := out["detail"].(string)
		kind, _ := out["scimType"].(string)
		return nil, &targetError{status: answer.StatusCode, scimType: kind, detail: detail}
	}
	if decoded != nil && len(raw) > 0 {
		return nil, fmt.Errorf("the target's answer isn't JSON: %w", decoded)
	}
	return out, nil
}

// search finds the resources with a value; two at most are of interest.
func (t *scimTarget) search(ctx context.Context, kind, attribute, value string) ([]rawjson.Object, error) {
	filter := attribute + " eq " + rawjson.Quote(value)
	out, err := t.do(ctx, http.MethodGet, kind+"?filter="+url.QueryEscape(filter), nil)
	var e *targetError
	if errors.As(err, &e) {
		e.matching = true
	}
	return rawjson.Objects(out["Resources"]), err
}

func (t *scimTarget) patch(ctx context.Context, kind, id string, operations []rawjson.Object) error {
	_, err := t.do(ctx, http.MethodPatch, kind+"/"+url.PathEscape(id), rawjson.Object{
		"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"}, "Operations": operations,
	})
	return err
}
