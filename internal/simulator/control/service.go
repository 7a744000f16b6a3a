// Package control is the control plane: how a test, or a person with curl, looks behind the scenes and changes the
// world
// from outside. It asks for no credentials.
package control

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph/directory"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/world"
)

// Register adds the control plane: how a test, or a person with curl, looks behind the scenes and
// changes the world from outside. It asks for no credentials. README.md lists it.
func (s *Service) Register(t *kernel.Routes) {
	s.registerTenant(s.at(t))
	s.registerWorld(s.at(t))
}

// register adds one operation.
type register func(method, template string, h func(*call) *kernel.Response)

// at adds operations below the control plane's root.
func (s *Service) at(t *kernel.Routes) register {
	const at = "/_simulator"
	return func(method, template string, h func(*call) *kernel.Response) {
		t.Add(
			kernel.Route{
				Service: s, Method: method, Template: at + template,
				Handle: func(k *kernel.Call) *kernel.Response { return h(&call{Call: k, srv: s}) },
			},
		)
	}
}

// registerTenant adds what is done to requests, jobs, users and groups.
func (s *Service) registerTenant(r register) {
	r("GET", "", about)
	r("GET", "/requests", func(c *call) *kernel.Response { return c.Encode(http.StatusOK, c.srv.Requests()) })
	r("POST", "/requests/reset", done(func(c *call) error { c.srv.ResetRequests(); return nil }))
	r("GET", "/synchronization", showCycles)
	r("POST", "/synchronization", done(finishCycles))
	r(
		"POST", "/synchronization/service_principals/{id}/schema",
		done(func(c *call) error { return c.srv.SetSchema(c.Param(0), c.Body) }),
	)
	r("POST", "/synchronization/service_principals/{id}/assigned", done(setAssigned))
	r("POST", "/synchronization/jobs/{job}/finish", done(func(c *call) error { return c.srv.FinishCycle(c.Param(0)) }))
	r("POST", "/synchronization/secret_token", done(setSecretToken))
	r("GET", "/faults", listFaults)
	r("POST", "/faults", addFault)
	r("DELETE", "/faults", done(func(c *call) error { c.srv.ClearFaults(); return nil }))
	r("POST", "/latency", done(setLatency))
	r("GET", "/clock", showClock)
	r("POST", "/clock", advanceClock)
	r("GET", "/snapshot", showSnapshot)
	r("POST", "/apps", addApp)
	r("POST", "/delta/expire", done(expireDelta))
	r("GET", "/oidc/token", oidcToken)
	r("POST", "/oidc/token", oidcToken)
	r("POST", "/users", answersID(func(c *call) (string, error) { return c.srv.PutUser(c.Body) }))
	r("POST", "/users/{id}/alternative_security_id", done(setAlternativeSecurityID))
	r("DELETE", "/users/{id}", done(deleteObject))
	r("POST", "/groups", answersID(func(c *call) (string, error) { return c.srv.PutGroup(c.Body) }))
	r("DELETE", "/groups/{id}", done(deleteObject))
	r("POST", "/groups/{id}/members", done(controlAddMember))
	r(
		"DELETE", "/groups/{id}/members/{member}",
		done(func(c *call) error { return c.srv.RemoveMember(c.Param(0), c.Param(1)) }),
	)
	r("POST", "/groups/apply_rules", done(func(c *call) error { c.srv.ApplyRules(); return nil }))
	r("POST", "/groups/{id}/evaluate", done(func(c *call) error { return c.srv.EvaluateGroup(c.Param(0)) }))
	r("POST", "/unreadable", done(setUnreadable))
}

// registerWorld adds what is done to domains, DNS, other tenants and organizations.
func (s *Service) registerWorld(r register) {
	r("POST", "/domains", done(func(c *call) error { return c.srv.PutDomain(c.Body) }))
	r("POST", "/domains/{name}/publish", done(publishDomain))
	r("GET", "/dns", func(c *call) *kernel.Response { return c.Encode(http.StatusOK, c.srv.DNS()) })
	r("POST", "/dns", done(putDNS))
	r("DELETE", "/dns/{name}", done(func(c *call) error { return c.srv.RemoveDNS(c.Param(0)) }))
	r("DELETE", "/domains/{name}", done(func(c *call) error { return c.srv.RemoveDomain(c.Param(0)) }))
	r("POST", "/partners", done(func(c *call) error { return c.srv.PutPartner(c.Body) }))
	r("POST", "/tenants", done(putTenant))
	r("DELETE", "/tenants/{id}", done(func(c *call) error { return c.srv.RemoveTenant(c.Param(0)) }))
	r("DELETE", "/partners/{id}", done(func(c *call) error { return c.srv.RemovePartner(c.Param(0)) }))
	r("POST", "/organizations/{org}/domains/{name}", done(setClaim))
	r("POST", "/organizations/{org}/domains/{name}/verify", verifyClaim)
	r("GET", "/web", func(c *call) *kernel.Response { return c.Encode(http.StatusOK, c.srv.Web()) })
	r("POST", "/web", done(putWeb))
	r("DELETE", "/web/{name}", done(func(c *call) error { return c.srv.RemoveWeb(c.Param(0)) }))
	r(
		"DELETE", "/organizations/{org}/domains/{name}",
		done(func(c *call) error { return c.srv.RemoveDomainClaim(c.Param(0), c.Param(1)) }),
	)
	r("POST", "/organizations/{org}/nested_groups", done(connectNestedGroups))
	r("POST", "/organizations/{org}/nested_groups/sync", syncNestedGroups)
	r(
		"DELETE", "/organizations/{org}/nested_groups",
		done(func(c *call) error { return c.srv.DisconnectNestedGroups(c.Param(0)) }),
	)
	r("GET", "/organizations/{org}/scim", showDirectory)
	r(
		"POST",
		"/organizations/{org}/accounts",
		done(func(c *call) error { return c.srv.PutAccount(c.Param(0), c.Body) }),
	)
	r(
		"POST", "/organizations/{org}/groups",
		done(func(c *call) error { return c.srv.PutOrganizationGroup(c.Param(0), c.Body) }),
	)
}

// done wraps an order that is answered with 204, or with 400 and the reason.
func done(order func(*call) error) func(*call) *kernel.Response {
	return func(c *call) *kernel.Response {
		if err := order(c); err != nil {
			return c.refuseOrder(err)
		}
		return kernel.NoContent()
	}
}

func (c *call) refuseOrder(err error) *kernel.Response {
	return c.Encode(http.StatusBadRequest, map[string]string{"error": err.Error()})
}

// answersID wraps an order that answers the id of what it made or changed.
func answersID(put func(*call) (string, error)) func(*call) *kernel.Response {
	return func(c *call) *kernel.Response {
		id, err := put(c)
		if err != nil {
			return c.refuseOrder(err)
		}
		return c.Encode(http.StatusOK, map[string]string{"id": id})
	}
}

func about(c *call) *kernel.Response { return c.Encode(http.StatusOK, c.srv.About()) }

func listFaults(c *call) *kernel.Response {
	return c.Encode(http.StatusOK, c.srv.Kernel.Schedule.Listed())
}

func addFault(c *call) *kernel.Response {
	var f faults.Fault
	if err := c.Decode(&f); err != nil {
		return c.refuseOrder(err)
	}
	if err := c.srv.AddFault(f); err != nil {
		return c.refuseOrder(err)
	}
	return c.Encode(http.StatusCreated, f)
}

func setLatency(c *call) error {
	var in struct {
		Latency env.Duration `json:"latency"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	c.srv.SetLatency(time.Duration(in.Latency))
	return nil
}

func showClock(c *call) *kernel.Response {
	return c.Encode(http.StatusOK, map[string]string{"now": c.srv.Clock.Now().Format(time.RFC3339)})
}

func advanceClock(c *call) *kernel.Response {
	var in struct {
		Advance env.Duration `json:"advance"`
	}
	if err := c.Decode(&in); err != nil {
		return c.refuseOrder(err)
	}
	c.srv.Advance(time.Duration(in.Advance))
	return showClock(c)
}

func showSnapshot(c *call) *kernel.Response {
	var out bytes.Buffer
	if err := c.srv.Snapshot(&out); err != nil {
		return c.refuseOrder(err)
	}
	return c.JSON(http.StatusOK, out.Bytes())
}

func addApp(c *call) *kernel.Response {
	var app login.App
	if err := c.Decode(&app); err != nil {
		return c.refuseOrder(err)
	}
	if err := c.srv.AddApp(app); err != nil {
		return c.refuseOrder(err)
	}
	return c.Encode(http.StatusCreated, app)
}

func expireDelta(c *call) error {
	in := struct {
		How string `json:"how"`
	}{How: directory.DeltaGone}
	if len(c.Body) > 0 {
		if err := c.Decode(&in); err != nil {
			return err
		}
	}
	if in.How != directory.DeltaGone && in.How != directory.DeltaState && in.How != directory.DeltaResync {
		return fmt.Errorf(
			"how %q: one of %s, %s, %s", in.How, directory.DeltaGone, directory.DeltaState, directory.DeltaResync,
		)
	}
	c.srv.ExpireDeltaTokens(in.How)
	return nil
}

// oidcToken hands out identity tokens as build systems do: GitHub to a GET, with "value"; Azure
// DevOps to a POST, with "oidcToken". Issuer and subject come from the query.
func oidcToken(c *call) *kernel.Response {
	now := c.srv.Clock.Now()
	text := c.srv.Login.Signer.Sign(map[string]any{
		"iss": cmp.Or(c.Query.Value("issuer"), c.Base+"/_simulator/oidc"),
		"sub": cmp.Or(c.Query.Value("subject"), "pipeline"),
		"aud": cmp.Or(c.Query.Value("audience"), "api://AzureADTokenExchange"),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
	})
	if c.Method == http.MethodPost {
		return c.Encode(http.StatusOK, map[string]string{"oidcToken": text})
	}
	return c.Encode(http.StatusOK, map[string]string{"value": text})
}

// deleteObject is for good, unless ?soft=true.
func deleteObject(c *call) error {
	return c.srv.DeleteObject(c.Param(0), c.Query.Value("soft") == "true")
}

func controlAddMember(c *call) error {
	var in struct {
		ID string `json:"id"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	return c.srv.AddMember(c.Param(0), in.ID)
}

func setUnreadable(c *call) error {
	in := struct {
		IDs        []string `json:"ids"`
		Unreadable bool     `json:"unreadable"`
	}{Unreadable: true}
	if err := c.Decode(&in); err != nil {
		return err
	}
	return c.srv.SetUnreadable(in.Unreadable, in.IDs...)
}

func setClaim(c *call) error {
	var in struct {
		Status string `json:"status"`
		Type   string `json:"type"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	return c.srv.SetDomainClaim(c.Param(0), c.Param(1), in.Status, in.Type)
}

// Service is the control plane of a server.
type Service struct{ *world.World }

// call is a request to the control plane.
type call struct {
	*kernel.Call
	srv *Service
}

// Matching implements [service]: no fault hits the control plane.
func (s *Service) Matching() faults.Matching { return faults.MatchNever }

// Changes implements [service].
func (s *Service) Changes(c *kernel.Call) bool { return c.Writes() }

// Fault implements [service].
func (s *Service) Fault(c *kernel.Call, _ *faults.Fault) *kernel.Response {
	return c.Encode(http.StatusInternalServerError, nil)
}
