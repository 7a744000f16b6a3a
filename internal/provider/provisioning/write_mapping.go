package provisioning

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reading"
)

// writeOver asks for the template only where what is there is neither the
// state's nor the plan's.
func writeOver(live *mapping.Section, template func() (*mapping.Schema, error), prior *mapping.Mapping, planned mapping.Mapping, adopt bool) (mapping.Change, error) {
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

// replace reads the schema, lets edit change it, writes it, and waits until it
// shows.
func (r *mappingResource) replace(ctx context.Context, c *entra.Client, sp, job string,
	edit func(*mapping.Schema, func() (*mapping.Schema, error)) (mapping.Change, error), there func(*mapping.Section) bool, d *diag.Diagnostics,
) error {
	unsettled := "unsettled/" + sp + "/" + job
	if r.session.Taken(unsettled) {
		return &unsettledError{job}
	}
	raw, err := c.Schema(ctx, sp, job)
	if err != nil {
		return err
	}
	s, err := mapping.ParseSchema(raw)
	if err != nil {
		return err
	}
	change, err := edit(s, func() (*mapping.Schema, error) { return templateOf(ctx, c, sp, job) })
	if err != nil || change.None() {
		return err
	}
	out, err := s.Bytes()
	if err != nil {
		return err
	}
	defer r.session.Forget()
	if err := c.PutSchema(ctx, sp, job, out); err != nil {
		return err
	}
	err = r.session.Await(ctx, func(ctx context.Context) (bool, error) {
		raw, err := c.Schema(ctx, sp, job)
		if err != nil {
			return false, reading.Later(err)
		}
		s, err := mapping.ParseSchema(raw)
		if err != nil {
			return false, err
		}
		for _, section := range s.Sections() {
			if there(section) {
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		r.session.Take(unsettled)
		d.AddWarning("The mapping was saved but doesn't show yet",
			"The service accepted the schema of job "+job+", and what it answers since doesn't have all of it: "+err.Error()+". The next plan shows what is there.")
	}
	return nil
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

// templateOf reads the schema that the job had when it was made.
func templateOf(ctx context.Context, c *entra.Client, sp, job string) (*mapping.Schema, error) {
	j, err := c.Job(ctx, sp, job)
	if err != nil {
		return nil, err
	}
	raw, err := c.TemplateSchema(ctx, sp, j.TemplateID)
	if err != nil {
		return nil, err
	}
	return mapping.ParseSchema(raw)
}

// unknownAttributes refuses targets that the service would refuse, before
// anything is written.
func unknownAttributes(s *mapping.Schema, section *mapping.Section, planned mapping.Mapping, written []string, d *diag.Diagnostics) error {
	have := s.Attributes(section)
	targets, sources := planned.Unknown(have)
	// A row that the job has already may stay: it knows better.
	targets = slices.DeleteFunc(targets, func(t string) bool { return !slices.Contains(written, t) })
	for _, u := range sources {
		d.AddAttributeWarning(path.Root("attributes"), "The job's schema doesn't list a source attribute", u.String()+". The service may refuse it, or nothing may arrive.")
	}
	if len(targets) == 0 {
		return nil
	}
	return &targetError{targets, have.Target}
}

// stop pauses a job that runs, so that no cycle runs with the template's rows.
func (r *mappingResource) stop(ctx context.Context, c *entra.Client, sp, job string, d *diag.Diagnostics) error {
	j, err := c.Job(ctx, sp, job)
	if err != nil || j.ScheduleState != scheduleActive {
		return err
	}
	if err := c.PauseJob(ctx, sp, job); err != nil {
		return err
	}
	d.AddWarning("The job was paused", "Job "+job+" was running, and would have provisioned everybody by the template's rows once the mapping is gone. "+
		"Its usersync_provisioning_schedule starts it again: in this apply where it comes after the mapping, else in the next.")
	return nil
}
