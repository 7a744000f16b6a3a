package control

import (
	"net/http"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/dns"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/nestedgroups"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// verifyClaim is the control plane's order.
func verifyClaim(c *call) *kernel.Response {
	var in struct {
		Method string `json:"method"`
		Token  string `json:"token"`
		Claim  string `json:"claim"`
	}
	if err := c.Decode(&in); err != nil {
		return c.refuseOrder(err)
	}
	status, err := c.srv.VerifyClaim(c.Param(0), c.Param(1), in.Method, in.Token, in.Claim)
	if err != nil {
		return c.refuseOrder(err)
	}
	return c.Encode(http.StatusOK, map[string]string{"status": status})
}

func setAlternativeSecurityID(c *call) error {
	var in struct {
		Source string `json:"source"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	return c.srv.SetAlternativeSecurityID(c.Param(0), in.Source)
}

func putDNS(c *call) error {
	var in dns.Record
	if err := c.Decode(&in); err != nil {
		return err
	}
	return c.srv.PutDNS(in.Name, in.Type, in.Values...)
}

func publishDomain(c *call) error {
	in := struct {
		Published bool `json:"published"`
	}{Published: true}
	if len(c.Body) > 0 {
		if err := c.Decode(&in); err != nil {
			return err
		}
	}
	return c.srv.PublishDomain(c.Param(0), in.Published)
}

func connectNestedGroups(c *call) error {
	var in struct {
		Everyone bool                `json:"everyone"`
		Groups   []string            `json:"groups"`
		Domains  atlassian.OneOrMany `json:"domains"` // a list, or "*"
		Manual   bool                `json:"manual"`
		Accept   []string            `json:"accept"`

		UserIdentifier string       `json:"user_identifier"`
		Interval       env.Duration `json:"interval"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	return c.srv.NestedGroups(
		c.Param(0),
		nestedgroups.Settings{
			Everyone: in.Everyone, Groups: in.Groups, Domains: in.Domains, Manual: in.Manual, Accept: in.Accept,
			UserIdentifier: in.UserIdentifier, Interval: time.Duration(in.Interval),
		},
	)
}

func syncNestedGroups(c *call) *kernel.Response {
	report, err := c.srv.SyncNestedGroups(c.Param(0))
	if err != nil {
		return c.refuseOrder(err)
	}
	return c.Encode(http.StatusOK, report)
}

func putTenant(c *call) error {
	var t tenant.Tenant
	if err := c.Decode(&t); err != nil {
		return err
	}
	return c.srv.PutTenant(t)
}

func putWeb(c *call) error {
	var in dns.WebFile
	if err := c.Decode(&in); err != nil {
		return err
	}
	return c.srv.PutWeb(in.Name, in.Path, in.Content)
}
