package report

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// dataJSON is what the page's script reads: users as columns, and the lists that
// hold what repeats.
type dataJSON struct {
	columnsJSON
	Decisions  []decisionJSON  `json:"decisions"`
	Codes      []codeJSON      `json:"codes"`
	Warnings   []warningJSON   `json:"warnings"`
	Domains    []string        `json:"domains"`
	Types      []string        `json:"types"`
	Groups     []string        `json:"groups"`
	Target     string          `json:"target"`
	Sets       [][]int32       `json:"sets"`
	Situations []situationJSON `json:"situations"`
}

// columnsJSON is what the page has of each user; the guide on personal data
// lists it.
type columnsJSON struct {
	// Names are the shown names, ascending; IDs and Addresses are left out where
	// users are shown by id. An address like the name is "".
	Names     []string `json:"names"`
	IDs       []string `json:"ids,omitempty"`
	Addresses []string `json:"addresses,omitempty"`
	// Display are display names, "" for none; left out where the reading has none.
	Display []string `json:"display,omitempty"`
	// Meant are the positions of who is meant not to sync.
	Meant []int32 `json:"meant,omitempty"`
	// Decision, Domain, Type and Set are positions, Situation too, -1 for none.
	Decision  []int32 `json:"decision"`
	Domain    []int32 `json:"domain"`
	Type      []int32 `json:"type"`
	Set       []int32 `json:"set"`
	Situation []int32 `json:"situation"`
}

// Columns are the names of what the page has of each user.
func Columns() (names []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[columnsJSON]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

type decisionJSON struct {
	Text       string  `json:"text"`
	Sentence   string  `json:"sentence"`
	Code       int     `json:"code"`
	Confidence string  `json:"confidence"`
	Warnings   []int32 `json:"warnings,omitempty"`
}

type codeJSON struct {
	Name    string `json:"name"`
	Verdict string `json:"verdict"`
	Source  string `json:"source"`
	Remedy  string `json:"remedy,omitempty"`
}

type warningJSON struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Confidence  string `json:"confidence"`
	Source      string `json:"source"`
}

type situationJSON struct {
	Users int `json:"users"`
	// Example is the row for whom Fixes were tried, -1 where none were.
	Example int32          `json:"example"`
	Fixes   []decision.Fix `json:"fixes"`
}

// data codes the users. encoding/json writes <, >, & and the line separators as
// escapes, so that nothing ends the element that holds it.
func (r *Report) data() ([]byte, error) {
	d := r.emptyData()
	for g := range r.outcome.Groups {
		d.Groups[g] = text.Plain(r.outcome.Groups[g].Name)
	}
	for k, set := range r.outcome.Sets {
		d.Sets[k] = append([]int32{}, set...)
	}
	for i := range decision.Codes {
		c := &decision.Codes[i]
		d.Codes = append(d.Codes, codeJSON{c.Name, c.Verdict.String(), c.Source, c.Remedy})
	}
	for _, w := range decision.WarningCodes {
		d.Warnings = append(d.Warnings, warningJSON{w.Name, w.Description, w.Confidence.String(), w.Source})
	}
	r.addPeople(&d)
	for k, s := range r.situations() {
		x := situationJSON{Users: len(s.people), Example: -1, Fixes: []decision.Fix{}}
		if s.tried {
			x.Example, x.Fixes = s.people[0], append(x.Fixes, s.fixes...)
		}
		d.Situations = append(d.Situations, x)
		for _, i := range s.people {
			d.Situation[i] = int32(k)
		}
	}
	return json.Marshal(d)
}

// emptyData has its columns made, and its lists without elements, which are [] in
// JSON.
func (r *Report) emptyData() dataJSON {
	n := len(r.people)
	d := dataJSON{
		columnsJSON: columnsJSON{
			Names:     make([]string, n),
			Decision:  make([]int32, n),
			Domain:    make([]int32, n),
			Type:      make([]int32, n),
			Set:       make([]int32, n),
			Situation: make([]int32, n),
		},
		Groups:     make([]string, len(r.outcome.Groups)),
		Sets:       make([][]int32, len(r.outcome.Sets)),
		Situations: []situationJSON{},
		Decisions:  []decisionJSON{},
		Codes:      []codeJSON{},
		Warnings:   []warningJSON{},
		Target:     r.target(),
	}
	if !r.IDs {
		d.IDs, d.Addresses = make([]string, n), make([]string, n)
	}
	return d
}

// addPeople fills the columns, and what they point into.
func (r *Report) addPeople(d *dataJSON) {
	domains := dictionaryOf(r.people, func(p *person) string { return p.home })
	types := dictionaryOf(r.people, func(p *person) string { return p.userType })
	d.Domains, d.Types = domains.shown(), types.shown()
	decisions := r.decisionsOf(d)
	display := r.displayNames()
	if display != nil {
		d.Display = make([]string, len(r.people))
	}
	for i := range r.people {
		p := &r.people[i]
		if display != nil && p.user >= 0 {
			d.Display[i] = text.Plain(plainJSON(display[p.user]))
		}
		if p.meant {
			d.Meant = append(d.Meant, int32(i))
		}
		d.Names[i] = text.Plain(p.shown)
		d.Decision[i], d.Domain[i], d.Type[i] = decisions[i], domains.at[p.home], types.at[p.userType]
		d.Set[i], d.Situation[i] = p.row.Set, -1
		if !r.IDs {
			d.IDs[i] = text.Plain(p.row.ID)
			if p.row.Address != p.shown {
				d.Addresses[i] = text.Plain(p.row.Address)
			}
		}
	}
}

// plainJSON is the text of a JSON string, "" of anything else.
func plainJSON(raw string) (s string) {
	if json.Unmarshal([]byte(raw), &s) != nil {
		return ""
	}
	return s
}

// decisionsOf fills the distinct decisions, by text, and gives each user's
// position.
func (r *Report) decisionsOf(d *dataJSON) []int32 {
	type key struct{ text, sentence string }
	at := map[key]int32{}
	out := make([]int32, len(r.people))
	for i := range r.people {
		p := &r.people[i]
		x := decisionJSON{Text: p.row.Text}
		if code, err := decision.CodeByName(p.code); err == nil {
			x.Code, x.Sentence, x.Confidence = int(code), code.Info().Description, code.Info().Confidence.String()
		}
		var warnings decision.Warnings
		if p.user >= 0 {
			x.Sentence = r.Result.Sentence(p.user, r.IDs)
			x.Confidence = r.Result.Decisions[p.user].Confidence.String()
			warnings = r.Result.Decisions[p.user].Warnings
		}
		k := key{x.Text, x.Sentence}
		pos, ok := at[k]
		if !ok {
			pos = int32(len(d.Decisions))
			at[k] = pos
			for w := range decision.WarningCodes {
				if warnings&decision.WarningCodes[w].Warning != 0 {
					x.Warnings = append(x.Warnings, int32(w))
				}
			}
			d.Decisions = append(d.Decisions, x)
		}
		out[i] = pos
	}
	// By text, so that the script sorts by position.
	order := make([]int32, len(d.Decisions))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(
		order,
		func(a, b int32) int { return strings.Compare(d.Decisions[a].Text, d.Decisions[b].Text) },
	)
	sorted, to := make([]decisionJSON, len(order)), make([]int32, len(order))
	for i, from := range order {
		sorted[i], to[from] = d.Decisions[from], int32(i)
	}
	d.Decisions = sorted
	for i := range out {
		out[i] = to[out[i]]
	}
	return out
}

// dictionary is distinct strings, ascending, and the position of each.
type dictionary struct {
	list []string
	at   map[string]int32
}

func dictionaryOf(people []person, of func(*person) string) dictionary {
	d := dictionary{at: map[string]int32{}}
	for i := range people {
		s := of(&people[i])
		if _, ok := d.at[s]; !ok {
			d.at[s] = 0
			d.list = append(d.list, s)
		}
	}
	slices.Sort(d.list)
	for i, s := range d.list {
		d.at[s] = int32(i)
	}
	return d
}

// shown are the strings as a person may see them.
func (d dictionary) shown() []string {
	out := make([]string, len(d.list))
	for i, s := range d.list {
		out[i] = text.Plain(s)
	}
	return out
}
