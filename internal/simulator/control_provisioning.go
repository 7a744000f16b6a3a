package simulator

import "net/http"

func showDirectory(c *controlCall) *answer {
	users, groups, err := c.srv.Directory(c.param(0))
	if err != nil {
		return c.refuseOrder(err)
	}
	return c.encode(http.StatusOK, map[string]any{"users": users, "groups": groups})
}

func showCycles(c *controlCall) *answer { return c.encode(http.StatusOK, c.srv.Cycles()) }

// finishCycles ends the cycle of one job, or of all.
func finishCycles(c *controlCall) error {
	var in struct {
		Job string `json:"job"`
	}
	if len(c.body) > 0 {
		if err := c.decode(&in); err != nil {
			return err
		}
	}
	if in.Job != "" {
		return c.srv.FinishCycle(in.Job)
	}
	return c.srv.FinishCycles()
}

func setAssigned(c *controlCall) error {
	var in struct {
		IDs []string `json:"ids"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	return c.srv.SetAssigned(c.param(0), in.IDs...)
}

func setSecretToken(c *controlCall) error {
	var in struct {
		ServicePrincipal string `json:"service_principal"`
		Token            string `json:"token"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	return c.srv.SetSecretToken(in.ServicePrincipal, in.Token)
}
