package control

import (
	"net/http"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
)

func showDirectory(c *call) *kernel.Response {
	users, groups, err := c.srv.Directory(c.Param(0))
	if err != nil {
		return c.refuseOrder(err)
	}
	return c.Encode(http.StatusOK, map[string]any{"users": users, "groups": groups})
}

func showCycles(c *call) *kernel.Response { return c.Encode(http.StatusOK, c.srv.Cycles()) }

// finishCycles ends the cycle of one job, or of all.
func finishCycles(c *call) error {
	var in struct {
		Job string `json:"job"`
	}
	if len(c.Body) > 0 {
		if err := c.Decode(&in); err != nil {
			return err
		}
	}
	if in.Job != "" {
		return c.srv.FinishCycle(in.Job)
	}
	return c.srv.FinishCycles()
}

func setAssigned(c *call) error {
	var in struct {
		IDs []string `json:"ids"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	return c.srv.SetAssigned(c.Param(0), in.IDs...)
}

func setSecretToken(c *call) error {
	var in struct {
		ServicePrincipal string `json:"service_principal"`
		Token            string `json:"token"`
	}
	if err := c.Decode(&in); err != nil {
		return err
	}
	return c.srv.SetSecretToken(in.ServicePrincipal, in.Token)
}
