package provisioning

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// maxNames is how many names a diagnostic lists.
const maxNames = 10

type groupModel struct {
	ID      types.String `tfsdk:"id"`
	Members types.List   `tfsdk:"members"`
}

// subject is whom to provision, under the name that the configuration has.
type subject struct {
	entra.OnDemandSubject
	name string
}

func (s subject) shown() string { return text.Plain(s.name) }

// subjects are the users, by their names, then the groups; one named twice is
// provisioned once.
func (a *onDemand) subjects(ctx context.Context, m *onDemandModel, d *diag.Diagnostics) []subject {
	var names []string
	var groups []groupModel
	if !m.Users.IsNull() {
		d.Append(m.Users.ElementsAs(ctx, &names, false)...)
	}
	if !m.Groups.IsNull() {
		d.Append(m.Groups.ElementsAs(ctx, &groups, false)...)
	}
	if d.HasError() {
		return nil
	}
	slices.Sort(names)
	list := a.users(ctx, names, d)
	for _, g := range groups {
		s := subject{entra.OnDemandSubject{
			ObjectID:       strings.ToLower(g.ID.ValueString()),
			ObjectTypeName: "Group",
		}, "group " + g.ID.ValueString()}
		if !g.Members.IsNull() {
			d.Append(g.Members.ElementsAs(ctx, &s.Members, false)...)
		}
		list = append(list, s)
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(s subject) bool {
		key := s.ObjectID + " " + strings.Join(s.Members, " ")
		defer func() { seen[key] = true }()
		return seen[key]
	})
}

// users finds users; the tenant is read only where one isn't an object id.
func (a *onDemand) users(ctx context.Context, names []string, d *diag.Diagnostics) []subject {
	const operation = "Finding the users to provision"
	var lookup *directory.Lookup
	var tenant *directory.Directory
	list := make([]subject, 0, len(names))
	problems := 0
	for _, name := range names {
		id := strings.ToLower(name)
		if !objectID.MatchString(name) {
			if lookup == nil {
				var err error
				if tenant, _, err = a.Session.Directory(ctx, nil, nil); err != nil {
					d.Append(failed(ctx, onDemandOperation, noneProvisioned, err))
					return nil
				}
				lookup = directory.NewLookup(tenant)
			}
			i, err := lookup.User(name)
			if err != nil {
				if problems++; problems <= maxNames {
					d.Append(tfutil.FailureAt(path.Root("users"), operation, err))
				}
				continue
			}
			id = tenant.Users[i].ID
		}
		list = append(list, subject{entra.OnDemandSubject{ObjectID: id, ObjectTypeName: "User"}, name})
	}
	return list
}

// ruleError says that a schema has not exactly one rule that is meant.
type ruleError struct {
	problem string
	have    []string
}

func (e *ruleError) Error() string { return e.problem }

// Advice lists the rules.
func (e *ruleError) Advice() string {
	if len(e.have) == 0 {
		return "A job has the rules of its template. Look at its mappings in the Entra admin center."
	}
	return "Set rule to one of: " + strings.Join(e.have, ", ") + "."
}

// ruleID finds a synchronization rule in a job's schema by its name or id; ""
// is the only one.
func ruleID(schema json.RawMessage, name string) (string, error) {
	var s struct {
		Rules []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"synchronizationRules"`
	}
	if err := json.Unmarshal(schema, &s); err != nil {
		return "", fmt.Errorf("the job's schema has another shape than documented: %w", err)
	}
	var found, have []string
	for _, r := range s.Rules {
		if name == "" || r.Name == name || r.ID == name {
			found = append(found, r.ID)
		}
		have = append(have, fmt.Sprintf("%q (id %s)", sanitize.Line(r.Name), sanitize.Line(r.ID)))
	}
	switch {
	case len(found) == 1 && found[0] != "":
		return found[0], nil
	case len(s.Rules) == 0:
		return "", &ruleError{problem: "the job's schema has no synchronization rule"}
	case name == "":
		return "", &ruleError{"the job's schema has several synchronization rules, and \"rule\" doesn't say which is " +
			"meant", have}
	case len(found) > 1:
		return "", &ruleError{fmt.Sprintf("%d rules of the job's schema are called %q: name the one you mean by its "+
			"id", len(found), name), have}
	}
	return "", &ruleError{fmt.Sprintf("the job's schema has no synchronization rule %q", name), have}
}

// stepLine is a step in words; of one that didn't succeed, what it turned on.
func stepLine(s entra.OnDemandStep) string {
	line := sanitize.Line(strings.ToLower(cmp.Or(s.Type, s.Name)) + " " + s.Status)
	if strings.EqualFold(s.Status, "success") {
		return line
	}
	var why []string
	for _, key := range slices.Sorted(maps.Keys(s.Details)) {
		if strings.EqualFold(s.Details[key], "false") || key == "SkipReason" {
			why = append(why, sanitize.Line(key+": "+s.Details[key]))
		}
	}
	if len(why) > 0 {
		line += " (" + strings.Join(why, ", ") + ")"
	}
	return line
}

func isSuccess(r entra.OnDemandResult) bool { return strings.EqualFold(r.Result, "success") }

// because is why a subject wasn't provisioned, in the service's words.
func because(r entra.OnDemandResult) string {
	var parts []string
	for _, p := range []string{r.ErrorCode, cmp.Or(r.Reason, r.ErrorMessage)} {
		if p = sanitize.Line(p); p != "" {
			parts = append(parts, p)
		}
	}
	why := strings.Join(parts, ": ")
	if r.RecommendedAction != "" {
		why = strings.TrimSpace(why + " Recommended: " + sanitize.Line(r.RecommendedAction))
	}
	return why
}

// outcomes counts what became of the subjects; failed and skipped are lines.
type outcomes struct {
	all       int
	succeeded []string
	// untried counts those left when all of it ended early.
	untried         int
	failed, skipped []string
}

func (t *outcomes) add(name string, r entra.OnDemandResult) {
	line := name + ": " + cmp.Or(because(r), "the service gives no reason")
	switch strings.ToLower(r.Result) {
	case "success":
		t.succeeded = append(t.succeeded, name)
	case "skipped", "warning":
		t.skipped = append(t.skipped, line)
	default:
		t.failed = append(t.failed, line)
	}
}

// line is all of it on one line.
func (t *outcomes) line() string {
	s := fmt.Sprintf("Provisioned on demand: %d of %d", len(t.succeeded), t.all)
	for _, part := range []struct {
		what string
		list []string
	}{{"failed", t.failed}, {"skipped", t.skipped}} {
		if len(part.list) > 0 {
			s += fmt.Sprintf(
				"; %s %d (%s)",
				part.what,
				len(part.list),
				strings.ReplaceAll(lines(part.list), "\n", "; "),
			)
		}
	}
	if t.untried > 0 {
		s += fmt.Sprintf("; not tried %d", t.untried)
	}
	return s
}

// interrupted says what is known: who is done, of whom it isn't known, who
// wasn't begun.
func (t *outcomes) interrupted(rest []subject, unsure string, d *diag.Diagnostics) {
	parts := []string{t.line() + "."}
	if len(t.succeeded) > 0 {
		parts = append(parts, "Done: "+tfutil.Names(t.succeeded)+".")
	}
	if unsure != "" {
		parts = append(parts, "It isn't known whether "+unsure+" was provisioned: the request may have arrived.")
	}
	if len(rest) > 0 {
		names := make([]string, len(rest))
		for i, s := range rest {
			names[i] = s.shown()
		}
		parts = append(parts, "Not begun: "+tfutil.Names(names)+".")
	}
	d.AddError(onDemandOperation+" was interrupted", strings.Join(parts, "\n"))
}

// report tells the outcomes, and makes the diagnostics of those who weren't
// provisioned.
func (t *outcomes) report(tell progress, d *diag.Diagnostics) {
	tell.say("%s", t.line())
	if n := len(t.failed); n > 0 {
		d.AddError(fmt.Sprintf("Provisioning on demand failed for %d of %d", n, t.all), lines(t.failed)+
			fmt.Sprintf("\n\nProvisioned: %d, skipped: %d. Fix the causes and run the action again; the log of it "+
				"all is the data source usersync_provisioning_log.", len(t.succeeded), len(t.skipped)))
	}
	if t.untried > 0 {
		d.AddWarning("Provisioning on demand ended early", fmt.Sprintf("Of %d, %d weren't provisioned, the one of the "+
			"error included: the others would have met the same.", t.all, t.untried))
	}
	if n := len(t.skipped); n > 0 {
		d.AddWarning(fmt.Sprintf("Provisioning on demand skipped %d of %d", n, t.all), lines(t.skipped)+
			"\n\nThe service skips who isn't assigned, who doesn't pass the scoping filter, and who needs no change.")
	}
}

func lines(all []string) string {
	shown := all[:min(len(all), maxNames)]
	s := strings.Join(shown, "\n")
	if more := len(all) - len(shown); more > 0 {
		s += fmt.Sprintf("\nand %d more", more)
	}
	return s
}
