package report

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// maxTodo is how many fixes stand first on the page.
const maxTodo = 3

// todo is a fix that helps many.
type todo struct {
	Change, Who, Caveats string
	// Users are who is in the situations that it helps, without those whom an
	// earlier one helps already; Example is whom it was tried for.
	Users   int
	Example string
	// Several says that they are in more than one situation.
	Several bool
}

// todos are the fixes that help the most people: of those that were tried the
// one that helps the most, then the one that helps the most of the others. A
// fix that must be made for each of them counts them all.
func (r *Report) todos() []todo {
	left := slices.Clone(r.situations())
	var out []todo
	for len(out) < maxTodo {
		best, most := todo{}, 0
		for k := range left {
			for _, f := range left[k].fixes {
				n := helped(left, f.Change)
				if n <= most {
					continue
				}
				most = n
				best = todo{
					Change: plainWords(f.Change), Who: plainWords(f.Who), Caveats: plainWords(f.Caveats),
					Users: n, Example: text.Plain(r.people[left[k].people[0]].shown),
					Several: n > len(left[k].people),
				}
			}
		}
		if most == 0 {
			break
		}
		out = append(out, best)
		left = slices.DeleteFunc(left, func(s situation) bool { return helps(&s, best.Change) })
	}
	return out
}

// plainWords makes a text of ours safe to show word by word: it is longer than a
// name may be.
func plainWords(s string) string {
	words := strings.Fields(s)
	for i := range words {
		words[i] = text.Plain(words[i])
	}
	return strings.Join(words, " ")
}

func helps(s *situation, change string) bool {
	for _, f := range s.fixes {
		if plainWords(f.Change) == plainWords(change) {
			return true
		}
	}
	return false
}

// helped counts the users of the situations that a change helps.
func helped(list []situation, change string) (n int) {
	for k := range list {
		if helps(&list[k], change) {
			n += len(list[k].people)
		}
	}
	return n
}

// healthView is the state of the service, as a person reads it.
type healthView struct {
	// Kind is sync where it runs, skip where it doesn't, unknown where it isn't
	// known.
	Kind, Text string
}

// health is the state of the service that syncs.
func (r *Report) health() healthView {
	if s := r.Result.ServiceText(); s != "" {
		return healthView{"skip", s}
	}
	h := r.Result.Health()
	since := ""
	if h.Since != "" {
		since = " since " + text.Plain(h.Since)
	}
	switch h.State {
	case directory.ServiceRunning:
		return healthView{"sync", "The provisioning job runs" + since + "."}
	case directory.ServiceStarting:
		return healthView{"sync", "The provisioning job is in its first cycle" + since + "."}
	case directory.ServiceNone:
		return healthView{"unknown", "No API tells whether the sync runs; its own page in " + r.target() + " does."}
	}
	return healthView{"unknown", "Whether the provisioning job runs wasn't read."}
}

// tenantName is the tenant's default domain, or else its first one.
func (r *Report) tenantName() string {
	name := ""
	for _, d := range r.Result.Directory.Domains {
		if d.IsDefault {
			return text.Plain(d.Name)
		}
		if name == "" || d.IsInitial {
			name = d.Name
		}
	}
	return text.Plain(name)
}

// displayNames are the users' display names, by position in the directory; nil
// where the reading has none, or nobody is to be named.
func (r *Report) displayNames() []string {
	column, ok := r.Result.Directory.Column("displayName")
	if !ok || r.IDs {
		return nil
	}
	return column
}
