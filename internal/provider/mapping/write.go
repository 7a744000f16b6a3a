package mapping

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// writeOver asks for the template only where what is there is neither the
// state's nor the plan's.
func writeOver(
	live *mapping.Section, template func() (*mapping.Schema, error), prior *mapping.Mapping, planned mapping.Mapping,
	adopt bool,
) (mapping.Change, error) {
	change, err := mapping.Write(live, nil, prior, planned, adopt)
	var foreign *mapping.ForeignError
	if !errors.As(err, &foreign) {
		return change, err
	}
	s, err := template()
	if err != nil {
		return change, err
	}
	own, err := s.Section(live.Rule, live.Object)
	if err != nil {
		return change, foreign // the template has no such mapping
	}
	return mapping.Write(live, own, prior, planned, adopt)
}

// rewrites is how often a schema is written for one change: more than once where
// somebody else, whose write was under way, wrote over it.
const rewrites = 3

// schemaEdit changes a schema that was read; it may ask for the template's.
type schemaEdit func(s *mapping.Schema, template func() (*mapping.Schema, error)) (mapping.Change, error)

// replace reads the schema, lets edit change it, writes it, and waits until it
// shows. The service takes a schema whole, and compares no versions ([graph 3.5]):
// two who write at once would lose what one of them wrote. So the version
// is looked at once more just before the write, and what is written over is
// written again.
func replace(ctx context.Context, s *session.Session, w *schemaWrite, d *diag.Diagnostics) error {
	pendingKey := "unsettled/" + w.sp + "/" + w.job
	if s.Claimed(pendingKey) {
		return &pendingError{w.job}
	}
	for attempt := 1; ; attempt++ {
		before, err := w.write(ctx)
		if before == "" || err != nil {
			return err
		}
		s.Forget()
		err = s.Await(ctx, w.shows(before, attempt == rewrites))
		if errors.Is(err, errWrittenOver) {
			continue
		}
		if err != nil {
			s.Claim(pendingKey)
			d.AddWarning("The "+w.what+" was saved but doesn't show yet",
				"The service accepted the schema of job "+w.job+", and what it answers since doesn't have all of "+
					"it: "+err.Error()+". The next plan shows what is there.")
		}
		return nil
	}
}

// schemaWrite is one change of a job's schema on its way.
type schemaWrite struct {
	client  *entra.Client
	sp, job string
	// what is changed, for messages.
	what   string
	change schemaEdit
	// there reports whether a schema has what was written.
	there func(*mapping.Schema) bool
}

// inSection reports whether one of a schema's object mappings has what was written.
func inSection(there func(*mapping.Section) bool) func(*mapping.Schema) bool {
	return func(s *mapping.Schema) bool { return slices.ContainsFunc(s.Sections(), there) }
}

var errWrittenOver = errors.New("somebody else wrote the schema at the same time")

// write reads, changes and writes the schema. It gives the version that it
// replaced, or "" where nothing had to be written.
func (w *schemaWrite) write(ctx context.Context) (before string, err error) {
	raw, err := w.client.Schema(ctx, w.sp, w.job)
	if err != nil {
		return "", err
	}
	for attempt := 1; ; attempt++ {
		out, err := w.changed(ctx, raw)
		if out == nil || err != nil {
			return "", err
		}
		again, err := w.client.Schema(ctx, w.sp, w.job)
		if err != nil {
			return "", err
		}
		if before = versionOf(again); before == versionOf(raw) {
			return before, w.client.PutSchema(ctx, w.sp, w.job, out)
		}
		if attempt == rewrites {
			return "", &movingError{w.job}
		}
		raw = again
	}
}

// changed is a schema as it shall be; nil where it is already.
func (w *schemaWrite) changed(ctx context.Context, raw json.RawMessage) ([]byte, error) {
	s, err := mapping.ParseSchema(raw)
	if err != nil {
		return nil, err
	}
	change, err := w.change(
		s,
		func() (*mapping.Schema, error) { return syncjob.TemplateOf(ctx, w.client, w.sp, w.job) },
	)
	if err != nil || change.None() {
		return nil, err
	}
	return s.Bytes()
}

// shows waits for what was written. A schema that is neither the one before nor
// has it is somebody else's, who wrote over it.
func (w *schemaWrite) shows(before string, last bool) func(context.Context) (bool, error) {
	good := 0
	return func(ctx context.Context) (bool, error) {
		raw, err := w.client.Schema(ctx, w.sp, w.job)
		if err != nil {
			return false, session.Retryable(err)
		}
		s, err := mapping.ParseSchema(raw)
		if err != nil {
			return false, err
		}
		if w.there(s) {
			good++
			return good == syncjob.Looks, nil
		}
		good = 0
		if !last && versionOf(raw) != before {
			return false, errWrittenOver
		}
		return false, nil
	}
}

// versionOf is what the service sets anew with each save.
func versionOf(schema json.RawMessage) string {
	var s struct {
		Version string `json:"version"`
	}
	if json.Unmarshal(schema, &s) != nil || s.Version == "" {
		return "none"
	}
	return s.Version
}

// arrived reports whether a section is what was planned.
func arrived(s *mapping.Section, planned mapping.Mapping) bool {
	if s.Object != planned.Object {
		return false
	}
	// A write of what is there already changes nothing.
	prior := planned
	change, err := mapping.Write(s, nil, &prior, planned, true)
	return err == nil && change.None()
}

// unknownAttributes refuses targets that the service would refuse, before
// anything is written.
func unknownAttributes(
	s *mapping.Schema, section *mapping.Section, had, planned mapping.Mapping, written []string, d *diag.Diagnostics,
) error {
	have := s.Attributes(section)
	// A row that the job has already may stay: it knows better.
	planned = planned.Only(written)
	targets, sources := planned.Unknown(have)
	targets = slices.DeleteFunc(targets, had.Maps)
	if err := refused(have, planned, sources); err != nil {
		return err
	}
	for _, u := range sources {
		d.AddAttributeWarning(path.Root("attributes"), "The job's schema doesn't list a source "+
			"attribute", u.String()+". The service may refuse it, or nothing may arrive.")
	}
	if len(targets) == 0 {
		return nil
	}
	return &targetError{targets, have.Target}
}

// refused says what the job refuses of a mapping, by what its schema tells.
func refused(have mapping.Attributes, planned mapping.Mapping, sources []mapping.UnknownSource) error {
	e := &sourceError{}
	for _, u := range sources {
		if u.Case() {
			e.lines = append(e.lines, u.String())
		}
	}
	// Only a job from Workday, SuccessFactors or by the API takes it [expressions 3.6].
	if unique := planned.UniqueValues(); have.FromEntra && len(unique) > 0 {
		e.lines = append(e.lines, tfutil.Names(unique)+" uses SelectUniqueValue, which only jobs from Workday, "+
			"SuccessFactors and API-driven provisioning take; the source of this one is Entra ID")
	}
	if len(e.lines) == 0 {
		return nil
	}
	return e
}

// stop pauses a job that runs, so that no cycle runs with the template's rows.
func (r *mappingResource) stop(ctx context.Context, c *entra.Client, sp, job string, d *diag.Diagnostics) error {
	j, err := c.Job(ctx, sp, job)
	if err != nil || j.ScheduleState != entra.ScheduleActive {
		return err
	}
	if err := c.PauseJob(ctx, sp, job); err != nil {
		return err
	}
	d.AddWarning("The job was paused", "Job "+job+" was running, and would have provisioned all users by the "+
		"template's rows once the mapping is gone. Its usersync_provisioning_schedule starts it again: in this apply "+
		"where it comes after the mapping, else in the next.")
	return nil
}
