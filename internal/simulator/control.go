package simulator

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
)

// controlRoutes is the control plane: how a test, or a person with curl, looks behind the scenes and
// changes the world from outside. It asks for no credentials. README.md lists it.
func (s *controlService) register(t *routeTable) {
	const at = "/_simulator"
	r := func(method, template string, h func(*controlCall) *answer) {
		t.add(route{service: s, method: method, template: at + template, handle: func(k *call) *answer { return h(&controlCall{call: k, srv: s}) }})
	}
	r("GET", "", about)
	r("GET", "/requests", func(c *controlCall) *answer { return c.encode(http.StatusOK, c.srv.Requests()) })
	r("POST", "/requests/reset", done(func(c *controlCall) error { c.srv.ResetRequests(); return nil }))
	r("GET", "/synchronization", showCycles)
	r("POST", "/synchronization", done(finishCycles))
	r("POST", "/synchronization/service_principals/{id}/schema", done(func(c *controlCall) error { return c.srv.SetSchema(c.param(0), c.body) }))
	r("POST", "/synchronization/service_principals/{id}/assigned", done(setAssigned))
	r("POST", "/synchronization/jobs/{job}/finish", done(func(c *controlCall) error { return c.srv.FinishCycle(c.param(0)) }))
	r("POST", "/synchronization/secret_token", done(setSecretToken))
	r("GET", "/faults", listFaults)
	r("POST", "/faults", addFault)
	r("DELETE", "/faults", done(func(c *controlCall) error { c.srv.ClearFaults(); return nil }))
	r("POST", "/latency", done(setLatency))
	r("GET", "/clock", showClock)
	r("POST", "/clock", advanceClock)
	r("GET", "/snapshot", showSnapshot)
	r("POST", "/apps", addApp)
	r("POST", "/delta/expire", done(expireDelta))
	r("GET", "/oidc/token", oidcToken)
	r("POST", "/oidc/token", oidcToken)
	r("POST", "/users", answersID(func(c *controlCall) (string, error) { return c.srv.PutUser(c.body) }))
	r("POST", "/users/{id}/alternative_security_id", done(setAlternativeSecurityID))
	r("DELETE", "/users/{id}", done(deleteObject))
	r("POST", "/groups", answersID(func(c *controlCall) (string, error) { return c.srv.PutGroup(c.body) }))
	r("DELETE", "/groups/{id}", done(deleteObject))
	r("POST", "/groups/{id}/members", done(controlAddMember))
	r("DELETE", "/groups/{id}/members/{member}", done(func(c *controlCall) error { return c.srv.RemoveMember(c.param(0), c.param(1)) }))
	r("POST", "/groups/settle", done(func(c *controlCall) error { c.srv.SettleGroups(); return nil }))
	r("POST", "/groups/{id}/evaluate", done(func(c *controlCall) error { return c.srv.EvaluateGroup(c.param(0)) }))
	r("POST", "/unreadable", done(setUnreadable))
	r("POST", "/domains", done(func(c *controlCall) error { return c.srv.PutDomain(c.body) }))
	r("POST", "/domains/{name}/publish", done(publishDomain))
	r("GET", "/dns", func(c *controlCall) *answer { return c.encode(http.StatusOK, c.srv.DNS()) })
	r("POST", "/dns", done(putDNS))
	r("DELETE", "/dns/{name}", done(func(c *controlCall) error { return c.srv.RemoveDNS(c.param(0)) }))
	r("DELETE", "/domains/{name}", done(func(c *controlCall) error { return c.srv.RemoveDomain(c.param(0)) }))
	r("POST", "/partners", done(func(c *controlCall) error { return c.srv.PutPartner(c.body) }))
	r("POST", "/tenants", done(putTenant))
	r("DELETE", "/tenants/{id}", done(func(c *controlCall) error { return c.srv.RemoveTenant(c.param(0)) }))
	r("DELETE", "/partners/{id}", done(func(c *controlCall) error { return c.srv.RemovePartner(c.param(0)) }))
	r("POST", "/organizations/{org}/domains/{name}", done(setClaim))
	r("POST", "/organizations/{org}/domains/{name}/verify", verifyClaim)
	r("GET", "/web", func(c *controlCall) *answer { return c.encode(http.StatusOK, c.srv.Web()) })
	r("POST", "/web", done(putWeb))
	r("DELETE", "/web/{name}", done(func(c *controlCall) error { return c.srv.RemoveWeb(c.param(0)) }))
	r("DELETE", "/organizations/{org}/domains/{name}", done(func(c *controlCall) error { return c.srv.RemoveDomainClaim(c.param(0), c.param(1)) }))
	r("POST", "/organizations/{org}/nested_groups", done(connectNestedGroups))
	r("POST", "/organizations/{org}/nested_groups/sync", syncNestedGroups)
	r("DELETE", "/organizations/{org}/nested_groups", done(func(c *controlCall) error { return c.srv.DisconnectNestedGroups(c.param(0)) }))
	r("GET", "/organizations/{org}/scim", showDirectory)
	r("POST", "/organizations/{org}/accounts", done(func(c *controlCall) error { return c.srv.PutAccount(c.param(0), c.body) }))
	r("POST", "/organizations/{org}/groups", done(func(c *controlCall) error { return c.srv.PutOrganizationGroup(c.param(0), c.body) }))
}

// done wraps an order that is answered with 204, or with 400 and the reason.
func done(order func(*controlCall) error) func(*controlCall) *answer {
	return func(c *controlCall) *answer {
		if err := order(c); err != nil {
			return c.refuseOrder(err)
		}
		return noContent()
	}
}

func (c *controlCall) refuseOrder(err error) *answer {
	return c.encode(http.StatusBadRequest, map[string]string{"error": err.Error()})
}

// answersID wraps an order that answers the id of what it made or changed.
func answersID(put func(*controlCall) (string, error)) func(*controlCall) *answer {
	return func(c *controlCall) *answer {
		id, err := put(c)
		if err != nil {
			return c.refuseOrder(err)
		}
		return c.encode(http.StatusOK, map[string]string{"id": id})
	}
}

func about(c *controlCall) *answer { return c.encode(http.StatusOK, c.srv.About()) }

func listFaults(c *controlCall) *answer {
	return c.encode(http.StatusOK, c.srv.kernel.Schedule.Listed())
}

func addFault(c *controlCall) *answer {
	var f faults.Fault
	if err := c.decode(&f); err != nil {
		return c.refuseOrder(err)
	}
	if err := c.srv.AddFault(f); err != nil {
		return c.refuseOrder(err)
	}
	return c.encode(http.StatusCreated, f)
}

func setLatency(c *controlCall) error {
	var in struct {
		Latency env.Duration `json:"latency"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	c.srv.SetLatency(time.Duration(in.Latency))
	return nil
}

func showClock(c *controlCall) *answer {
	return c.encode(http.StatusOK, map[string]string{"now": c.srv.clock.Now().Format(time.RFC3339)})
}

func advanceClock(c *controlCall) *answer {
	var in struct {
		Advance env.Duration `json:"advance"`
	}
	if err := c.decode(&in); err != nil {
		return c.refuseOrder(err)
	}
	c.srv.Advance(time.Duration(in.Advance))
	return showClock(c)
}

func showSnapshot(c *controlCall) *answer {
	var out bytes.Buffer
	if err := c.srv.Snapshot(&out); err != nil {
		return c.refuseOrder(err)
	}
	return c.json(http.StatusOK, out.Bytes())
}

func addApp(c *controlCall) *answer {
	var app App
	if err := c.decode(&app); err != nil {
		return c.refuseOrder(err)
	}
	if err := c.srv.AddApp(app); err != nil {
		return c.refuseOrder(err)
	}
	return c.encode(http.StatusCreated, app)
}

func expireDelta(c *controlCall) error {
	in := struct {
		How string `json:"how"`
	}{How: DeltaGone}
	if len(c.body) > 0 {
		if err := c.decode(&in); err != nil {
			return err
		}
	}
	if in.How != DeltaGone && in.How != DeltaState && in.How != DeltaResync {
		return fmt.Errorf("how %q: one of %s, %s, %s", in.How, DeltaGone, DeltaState, DeltaResync)
	}
	c.srv.ExpireDeltaTokens(in.How)
	return nil
}

// oidcToken hands out identity tokens as build systems do: GitHub to a GET, with "value"; Azure
// DevOps to a POST, with "oidcToken". Issuer and subject come from the query.
func oidcToken(c *controlCall) *answer {
	now := c.srv.clock.Now()
	text := c.srv.login.signer.sign(map[string]any{
		"iss": cmp.Or(c.query.value("issuer"), c.base+"/_simulator/oidc"), "sub": cmp.Or(c.query.value("subject"), "pipeline"),
		"aud": cmp.Or(c.query.value("audience"), "api://AzureADTokenExchange"),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
	})
	if c.method == http.MethodPost {
		return c.encode(http.StatusOK, map[string]string{"oidcToken": text})
	}
	return c.encode(http.StatusOK, map[string]string{"value": text})
}

// deleteObject is for good, unless ?soft=true.
func deleteObject(c *controlCall) error {
	return c.srv.DeleteObject(c.param(0), c.query.value("soft") == "true")
}

func controlAddMember(c *controlCall) error {
	var in struct {
		ID string `json:"id"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	return c.srv.AddMember(c.param(0), in.ID)
}

func setUnreadable(c *controlCall) error {
	in := struct {
		IDs        []string `json:"ids"`
		Unreadable bool     `json:"unreadable"`
	}{Unreadable: true}
	if err := c.decode(&in); err != nil {
		return err
	}
	return c.srv.SetUnreadable(in.Unreadable, in.IDs...)
}

func setClaim(c *controlCall) error {
	var in struct {
		Status string `json:"status"`
		Type   string `json:"type"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	return c.srv.SetDomainClaim(c.param(0), c.param(1), in.Status, in.Type)
}

// controlService is the control plane of a server.
type controlService struct{ *Server }

// controlCall is a request to the control plane.
type controlCall struct {
	*call
	srv *controlService
}

// Matching implements [service]: no fault hits the control plane.
func (s *controlService) Matching() faults.Matching { return faults.MatchNever }

// Changes implements [service].
func (s *controlService) Changes(c *call) bool { return c.writes() }

// Fault implements [service].
func (s *controlService) Fault(c *call, _ *faults.Fault) *answer {
	return c.encode(http.StatusInternalServerError, nil)
}
