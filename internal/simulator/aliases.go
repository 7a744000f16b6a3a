package simulator

import (
	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/dns"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph/directory"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/nestedgroups"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/world"
)

// What callers of the simulator name, where it lives.
type (
	// Behavior is [env.Behavior].
	Behavior = env.Behavior
	// Duration is [env.Duration].
	Duration = env.Duration

	// Fault is [faults.Fault].
	Fault = faults.Fault
	// FaultKind is [faults.Kind].
	FaultKind = faults.Kind
	// Kill is [faults.Kill].
	Kill = faults.Kill
	// Killing is [faults.Killing].
	Killing = faults.Killing
	// Hook is [faults.Hook].
	Hook = faults.Hook
	// Request is [faults.Request].
	Request = faults.Request
	// Counts is [faults.Counts].
	Counts = faults.Counts

	// App is [login.App].
	App = login.App
	// Person is [login.Person].
	Person = login.Person
	// Trust is [login.Trust].
	Trust = login.Trust

	// DirectoryUser is [atlassian.DirectoryUser].
	DirectoryUser = atlassian.DirectoryUser
	// DirectoryGroup is [atlassian.DirectoryGroup].
	DirectoryGroup = atlassian.DirectoryGroup

	// JobCycles is [jobs.JobCycles].
	JobCycles = jobs.JobCycles

	// Synthetic is [world.Synthetic].
	Synthetic = world.Synthetic
	// About is [world.About].
	About = world.About
	// AboutOrganization is [world.AboutOrganization].
	AboutOrganization = world.AboutOrganization

	// NestedGroups is [nestedgroups.Settings].
	NestedGroups = nestedgroups.Settings
	// NestedReport is [nestedgroups.Report].
	NestedReport = nestedgroups.Report
	// NestedSkip is [nestedgroups.Skip].
	NestedSkip = nestedgroups.Skip

	// DNSRecord is [dns.Record].
	DNSRecord = dns.Record

	// Tenant is [tenant.Tenant].
	Tenant = tenant.Tenant
)

// The kinds of fault, of package faults.
const (
	FaultStatus      = faults.Status
	FaultCut         = faults.Cut
	FaultDrop        = faults.Drop
	FaultHang        = faults.Hang
	FaultStale       = faults.Stale
	FaultLatency     = faults.Latency
	FaultNextLoop    = faults.NextLoop
	FaultNextEndless = faults.NextEndless
	FaultNextForeign = faults.NextForeign
)

// AllRoles is [login.AllRoles].
func AllRoles() []string { return login.AllRoles() }

// What lets a client in, unless options say otherwise.
const (
	DefaultAPIKey      = atlassian.DefaultAPIKey      // of every organization
	DefaultSecretToken = atlassian.DefaultSecretToken // of every SCIM directory
)

// The names that a synthetic tenant has.
const (
	SyntheticInitialDomain = world.SyntheticInitialDomain
	SyntheticScopeGroup    = world.SyntheticScopeGroup
)

// The ways in which a delta token is refused, of package directory.
const (
	DeltaGone   = directory.DeltaGone
	DeltaState  = directory.DeltaState
	DeltaResync = directory.DeltaResync
)
