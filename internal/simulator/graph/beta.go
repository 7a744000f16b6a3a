package graph

import (
	"net/http"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// The beta version answers as v1.0 does where the shapes are equal; operations have v1.0 in their templates.

func (c *Call) beta() bool { return strings.HasPrefix(c.Path, "/beta/") }

// Root is the address of the version that was asked, without a slash at its end.
func (c *Call) Root() string {
	if c.beta() {
		return c.Base + "/beta"
	}
	return c.Base + "/v1.0"
}

// refuseBeta refuses what beta answers in another shape: policies, which have more sections there, and what is made of
// users and groups, which have more properties.
func (c *Call) refuseBeta() *kernel.Response {
	made := c.Method == http.MethodPost && (c.Route.Template == "/v1.0/users" || c.Route.Template == "/v1.0/groups")
	if c.beta() && (made || strings.HasPrefix(c.Route.Template, "/v1.0/policies/")) {
		return c.Fail(odata.NotBuilt("this in the beta version of Graph"))
	}
	return nil
}

// betaDefaults refuses beta's default properties of users and groups, which are others.
func (c *Call) betaDefaults(selected []string, entities ...*tenant.Entity) *odata.Error {
	if !c.beta() || selected != nil {
		return nil
	}
	for _, e := range entities {
		if e == c.Service.Store.UserType || e == c.Service.Store.GroupType {
			err := odata.NotBuilt("the default properties of a " + e.Name + " in the beta version of Graph; select " +
				"some")
			return &err
		}
	}
	return nil
}
