package simulator

import (
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/dns"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/provisioning"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// directoryCall is a request for users, groups and what is deleted of them.
type directoryCall struct{ *graph.Call }

func onDirectory(h func(*directoryCall) *kernel.Response) func(*graph.Call) *kernel.Response {
	return func(c *graph.Call) *kernel.Response { return h(&directoryCall{c}) }
}

// domainService is the tenant's domains.
type domainService struct {
	*graph.Service
	dns    *dns.Zone
	others *tenant.Others
}

// domainCall is a request for domains.
type domainCall struct {
	*graph.Call
	srv *domainService
}

func (s *domainService) on(h func(*domainCall) *kernel.Response) func(*graph.Call) *kernel.Response {
	return func(c *graph.Call) *kernel.Response { return h(&domainCall{c, s}) }
}

// policyService is the cross-tenant access policy.
type policyService struct {
	*graph.Service
	others *tenant.Others
}

// policyCall is a request for the policy.
type policyCall struct {
	*graph.Call
	srv *policyService
}

func (s *policyService) on(h func(*policyCall) *kernel.Response) func(*graph.Call) *kernel.Response {
	return func(c *graph.Call) *kernel.Response { return h(&policyCall{c, s}) }
}

// syncService is applications, and their synchronization.
type syncService struct {
	*graph.Service
	jobs   *jobs.Registry
	engine *provisioning.Engine
}

// syncCall is a request for applications or their synchronization.
type syncCall struct {
	*graph.Call
	srv *syncService
}

// on runs the cycles that are due before anybody looks at them.
func (s *syncService) on(h func(*syncCall) *kernel.Response) func(*graph.Call) *kernel.Response {
	return func(c *graph.Call) *kernel.Response {
		s.engine.RunDue()
		return h(&syncCall{c, s})
	}
}
