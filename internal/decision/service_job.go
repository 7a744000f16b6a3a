package decision

import (
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/provisioning"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

type (
	plannedError = provisioning.PlannedError
	readingError = provisioning.ErrReading
)

// jobService is Entra's provisioning service for one job, and the target that it
// serves.
type jobService struct {
	*provisioning.Service
	target target
}

// newJob finds the job that the settings name and compiles it.
func newJob(e *Engine) (*jobService, error) {
	var job *directory.Job
	for i := range e.Directory.Jobs {
		if e.Directory.Jobs[i].ServicePrincipalID == e.Settings.ServicePrincipal {
			job = &e.Directory.Jobs[i]
		}
	}
	if job == nil {
		return nil, argumentError(-1, fmt.Errorf("the directory's reading holds no job of service principal %q: read "+
			"it with the argument \"service_principals\" of usersync_directory", e.Settings.ServicePrincipal),
			"service_principal")
	}
	c := provisioning.Config{
		Job:      job,
		Planned:  e.Settings.WhatIf.Mappings,
		Now:      e.Settings.Now,
		Everyone: e.Settings.Everyone,
		Needs:    e.target.needs(),
	}
	for _, g := range e.Settings.Groups {
		c.Groups = append(c.Groups, g.ID)
	}
	s, err := provisioning.New(e.Tenant, c)
	if err != nil {
		return nil, argumentOf(err)
	}
	return &jobService{s, e.target}, nil
}

// UserMapping is a job's enabled mapping of users with planned ones, in their
// traveling form, laid over it. Errors are *ArgumentError.
func UserMapping(job *directory.Job, planned []string) (provisioning.Mapping, error) {
	m, err := provisioning.UserMapping(job, planned)
	if err != nil {
		return m, argumentOf(err)
	}
	return m, nil
}

func (j *jobService) health(running bool) directory.Health { return j.Health(running) }

func (j *jobService) scope(v *tenant.View) *tenant.Scope { return j.Scope(v) }

func (j *jobService) prepare(r *Result) { r.mapped = j.Send(r.view, r.scope, r.inParts) }

func (*jobService) sent(r *Result, i int32) sent.User { return *r.mapped.Of(i) }

func (*jobService) address(r *Result, i int32) string { return r.mapped.Of(i).Address }

func (*jobService) adjust(_ *Result, _ int32, d Decision) Decision { return d }

func (j *jobService) trace(r *Result, i int32, u *sent.User, t *reason.Trace) {
	if h := r.Health(); !h.Runs() {
		t.Note("service", "the job "+stateText(h)+": what follows is decided for its first run once it "+
			"runs", reason.PageHow, Documented)
	}
	off := r.view.Disabled(i)
	t.Add(off, "account enabled", fmt.Sprintf("accountEnabled is %t", !off), reason.PageHow, Documented)
	if off {
		return
	}
	traceScope(r, i, t, reason.PageHow)
	if r.scope.Users[i]&tenant.Direct == 0 {
		return
	}
	switch u.Code {
	case reason.ScopingFilter:
		t.Add(true, u.Detail, "the filter leaves the user out", reason.PageScoping, Documented)
		return
	case reason.AttributeUnknown:
		t.Add(true, "evaluation", u.Detail, reason.PageScoping, Inferred)
		return
	default: // the filters let the user through
	}
	t.Add(false, "filters", "they let the user through", reason.PageScoping, Documented)
	at := j.Target(u.At)
	switch {
	case u.Rule >= 0: // the target tells its own rules
	case !u.Nothing:
		observed, page := j.target.sends(u)
		t.Note("attribute mappings", observed, page, Documented)
	case u.Code == reason.MatchingUnsupported:
		text, source := j.target.unsupported(j.Matching())
		t.Add(true, "matching attribute", text, source, Documented)
	case u.Code == reason.MatchingAttributeEmpty:
		t.Add(true, "matching attribute", at+" is empty", reason.PageMappings, Documented)
	default:
		t.Add(true, "attribute mappings", strings.TrimSuffix(at+": "+u.Detail, ": "), reason.PageMappings, u.Confidence)
	}
}

// detail names the target attribute or the filter that decided.
func (j *jobService) detail(r *Result, i int32, d Decision) string {
	u := r.mapped.Of(i)
	if u.Rule >= 0 {
		return j.Needs.Values[u.Rule].Attribute
	}
	switch d.Code {
	case reason.ScopingFilter:
		if u.Detail != "scoping filter" {
			return u.Detail
		}
	case reason.AttributeUnknown:
		if u.At < 0 {
			kind, _, _ := strings.Cut(u.Detail, ":")
			return kind
		}
		return j.Target(u.At)
	case reason.MappingError,
		reason.MatchingAttributeEmpty,
		reason.MatchingUnsupported,
		reason.NoUsableAddress,
		reason.AccountDisabled:
		return j.Target(u.At)
	default: // neither a filter nor an attribute decided
	}
	return ""
}

func (j *jobService) unsupported() string {
	text, _ := j.target.unsupported(j.Matching())
	return text
}

func (j *jobService) cause(r *Result, i int32, d Decision) string {
	u := r.mapped.Of(i)
	if what := r.matchmates(i); what != "" {
		return "The job matches users by " + what + ", and several have the same value: who comes second finds the " +
			"user of the first, and is refused (DuplicateSourceEntries). Which of them gets it isn't known."
	}
	if cause := j.target.cause(r, i, d, u); cause != "" {
		return cause
	}
	switch d.Code {
	case reason.NoUsableAddress:
		if u.At < 0 {
			return ""
		}
		return fmt.Sprintf("The job's mapping gives this user no work e-mail: %s is %s, which gives nothing that is "+
			"an address. A create without a primary e-mail is expected to fail.",
			j.EmailTarget(), text.Plain(j.EmailSource()))
	case reason.MatchingUnsupported:
		return "Nobody is provisioned: " + j.unsupported() + ". Microsoft's tutorial contradicts that; Atlassian's " +
			"own pages agree with each other."
	case reason.DuplicateAddress:
		if r.namesakes[i] != "" {
			return j.target.namesakes()
		}
	case reason.GroupNotReadable:
		return "The user's only assigned group is " + r.groupShown(r.scope.NotReadable[i]) +
			", which isn't security-enabled (a Microsoft 365 group or a distribution list): the provisioning service " +
			"doesn't read it."
	case reason.ScopingFilter:
		return "The " + u.Detail + " of the provisioning job leaves the user out."
	case reason.MappingError, reason.AttributeUnknown:
		where := ""
		if at := j.Target(u.At); at != "" {
			where = at + ": "
		}
		return d.Code.Info().Description + " " + where + text.Plain(u.Detail) + "."
	case reason.AccountDisabled:
		return j.disabled(r, u)
	case reason.LinkUnknown, reason.CreateDisabled:
		if !j.Capabilities().Creates {
			return d.Code.Info().Description + " Create is off in the job's mapping of users, so only who has a " +
				"record already is provisioned."
		}
	default: // the code's own description says it all
	}
	return ""
}

// disabled says what a disabled account means: it is deactivated at the target
// only where a running job manages it and sends that.
func (j *jobService) disabled(r *Result, u *sent.User) string {
	c := j.Capabilities()
	switch {
	case u.Detail != "":
		return "The account is enabled in Entra, but " + u.Detail + "."
	case !c.Disables && !c.Updates:
		return "The Entra account is disabled. Update is off in the job's mapping of users, so an account that is " +
			"there stays active (documented)."
	case !c.Disables:
		return "The Entra account is disabled. The job doesn't map active, so an account that is there stays active " +
			"(documented)."
	case !r.Health().Runs():
		return "The Entra account is disabled. The job doesn't run, so an account that is there stays active until " +
			"it does."
	}
	return "The Entra account is disabled. " + j.target.disabled()
}

// other: nested groups, with the assigned groups selected.
func (j *jobService) other(e *Engine) (Settings, string, bool) {
	if !OfAtlassian(e.Settings.Connector) {
		return Settings{}, "", false
	}
	s := e.Settings
	s.Connector, s.ServicePrincipal, s.WhatIf.Mappings = NestedGroups, "", nil
	if len(s.Groups) == 0 && !s.Everyone {
		for _, id := range j.Job.Assigned {
			if g := e.Directory.GroupByID(id); g >= 0 {
				s.Groups = append(s.Groups, GroupRef{Name: e.Directory.Groups[g].DisplayName, ID: id})
			}
		}
	}
	return s, "Child groups then become groups of their own, and the job's mappings and filters no longer apply " +
		"(documented).", true
}

// sharesNames: a principal name and an object id are unique in a tenant.
func (j *jobService) sharesNames() bool {
	if j.target.nameKey("a@b") != "a@b" {
		return true // the target derives its own names
	}
	switch strings.ToLower(strings.TrimSpace(j.UserNameSource())) {
	case "", "[userprincipalname]", "[originaluserprincipalname]", "[objectid]":
		return false
	}
	return true
}

// matchedBy: where one address is one account, sharing that is told by the address.
func (j *jobService) matchedBy() string {
	if j.target.byAddress() {
		return ""
	}
	return j.MatchedBy()
}

// notes say what is off in the job.
func (j *jobService) notes() []string {
	var out []string
	c := j.Capabilities()
	if !c.Creates {
		out = append(out, "Create is off in the job's mapping of users: who has no record at the target yet isn't "+
			"created.")
	}
	if !c.Updates {
		out = append(out, "Update is off in the job's mapping of users: changes aren't sent, and who is disabled or "+
			"leaves scope stays active.")
	}
	if !j.Askable() {
		out = append(out, "Nobody is provisioned: "+j.unsupported()+".")
	}
	return out
}

// effectOfLoss says what the service does, else what the target does with it.
func (j *jobService) effectOfLoss(account Account, code Code, left, ignored bool) (string, Confidence) {
	c := j.Capabilities()
	switch {
	case code == reason.Unlinked, code == reason.AccountDeactivated:
	case ignored:
		return "a filter on input has the job leave the user alone, so the account stays as it is", Documented
	case failing(code):
		return "nothing of the user gets through, so what is there stays as it is until that is mended", Inferred
	}
	return j.target.effectOfLoss(account, code, left, c)
}

// staysActive is what becomes of an account where the job doesn't disable.
const staysActive = "the job doesn't disable accounts (Update off, or active isn't mapped), so the account stays active"

// failing reports a reason that isn't about scope: the service tries, and nothing gets
// through, no disable either.
func failing(c Code) bool {
	switch c {
	case reason.MatchingUnsupported, reason.MatchingAttributeEmpty, reason.MappingError, reason.NoUsableAddress,
		reason.DuplicateAddress, reason.AddressTaken, reason.CreateDisabled:
		return true
	default: // in or out of scope, or decided by the target
		return false
	}
}

// ServiceText says that the service doesn't run, what that means and what to do;
// "" where it runs, or isn't known not to.
func (r *Result) ServiceText() string {
	h := r.Health()
	if h.Runs() {
		return ""
	}
	name := "The sync"
	if job := r.Engine.job(); job != nil {
		name = fmt.Sprintf("The provisioning job of %q", text.Plain(job.DisplayName))
	}
	s := name + " " + stateText(h) + ". Nobody is created, changed or disabled until it runs; the decisions are " +
		"those of its first run once it does. "
	if r.Settings.Connector == NestedGroups {
		return name + " is manual: nothing changes until somebody syncs; the decisions are those of that sync."
	}
	switch h.State {
	case directory.ServiceQuarantined, directory.ServiceDisabled:
		return s + "The likeliest cause is its credentials: " + r.Engine.target.credentials() + ". " +
			"Renew them (usersync_provisioning_secret), then restart the job."
	}
	return s + "Start it with usersync_provisioning_schedule; an outcome that is to assume that sets what_if.running."
}

// jobOf is the service, where it is a job's; nil else.
func (e *Engine) jobOf() *jobService {
	j, _ := e.service.(*jobService)
	return j
}

// job is the job of the connector, nil for none.
func (e *Engine) job() *directory.Job {
	if j, ok := e.service.(*jobService); ok {
		return j.Job
	}
	return nil
}

// stateText says in words what the state of a job is, after its name.
func stateText(h directory.Health) string {
	s := map[string]string{
		directory.ServiceNotStarted: "has never been started", directory.ServicePaused: "is paused",
		directory.ServiceQuarantined: "is in quarantine", directory.ServiceDisabled: "is disabled by Entra, after " +
			"four weeks in quarantine",
		directory.ServiceStarting: "hasn't ended its first cycle", directory.ServiceRunning: "runs",
	}[h.State]
	if s == "" {
		s = "has the state " + h.State
	}
	if h.Since != "" {
		s += " since " + text.Plain(h.Since)
	}
	if h.Detail != "" {
		s += " (" + text.Plain(h.Detail) + ")"
	}
	return s
}
