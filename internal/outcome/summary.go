package outcome

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
)

// HeldJSON gives the JSON object of groups that don't come as they are: name ->
// why.
func (o *Outcome) HeldJSON() (string, error) {
	m := make(map[string]string, len(o.Held))
	for _, g := range o.Held {
		m[g.Name] = string(g.Obstacle)
	}
	raw, err := json.Marshal(m)
	return string(raw), err
}

// Decisions gives the JSON object of decisions: user -> decision, keys sorted.
// With skipped, only of users who don't sync or of whom it is unknown.
func (o *Outcome) Decisions(skipped, ids bool) (string, error) {
	keys := o.keys(ids)
	entries := make([]entry, 0, len(o.Rows))
	for i := range o.Rows {
		if skipped && o.Rows[i].Verdict == decision.Sync {
			continue
		}
		entries = append(entries, entry{keys[i], o.Rows[i].Text})
	}
	return objectOf(entries)
}

// keys are the keys of rows in JSON: unique, also where a tenant shows one
// principal name twice.
func (o *Outcome) keys(ids bool) []string {
	keys := make([]string, len(o.Rows))
	seen := make(map[string]int, len(o.Rows))
	for i := range o.Rows {
		keys[i] = norm.NFC.String(o.Rows[i].Shown(ids)) // as the CLIs make it anyway
		if first, ok := seen[keys[i]]; ok {
			keys[first], keys[i] = o.Rows[first].ID, o.Rows[i].ID
		}
		seen[keys[i]] = i
	}
	return keys
}

type entry struct{ key, value string }

// objectOf writes a JSON object of strings with sorted keys.
func objectOf(entries []entry) (string, error) {
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	var b strings.Builder
	b.WriteByte('{')
	for i, e := range entries {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, s := range [2]string{e.key, e.value} {
			if j == 1 {
				b.WriteByte(':')
			}
			raw, err := json.Marshal(s)
			if err != nil {
				return "", err
			}
			b.Write(raw)
		}
	}
	b.WriteByte('}')
	return b.String(), nil
}

// GroupsJSON gives the JSON object of groups: name -> number of members.
func (o *Outcome) GroupsJSON() (string, error) {
	m := make(map[string]int, len(o.Groups))
	for _, g := range o.Groups {
		m[g.Name] = g.Members
	}
	raw, err := json.Marshal(m)
	return string(raw), err
}

// Fingerprint is a SHA-256, in hex, of all decisions and groups, and of the service's state.
func (o *Outcome) Fingerprint() string {
	h := sha256.New()
	w := func(s string) { _, _ = fmt.Fprintf(h, "%d:%s", len(s), s) }
	for i := range o.Rows {
		r := &o.Rows[i]
		w(r.ID)
		w(r.Name)
		w(r.Address)
		w(r.Text)
		for _, g := range o.Sets[r.Set] {
			w(o.Groups[g].ID)
		}
	}
	for _, g := range o.Groups {
		w(g.ID)
		w(g.Name)
	}
	for _, g := range o.Held {
		w(g.ID)
		w(string(g.Obstacle))
	}
	w(o.Service.State)
	w(o.Service.Since)
	w(o.Service.Detail)
	return hex.EncodeToString(h.Sum(nil))
}

// Summary counts an outcome.
type Summary struct {
	Users, Synced, Skipped, Unknown, NotInScope int
	ByReason, ByHomeDomain                      map[string]int
}

// Summary counts the users in scope of an outcome that a result gave.
func (o *Outcome) Summary(r *decision.Result) Summary {
	s := Summary{Users: len(o.Rows), ByReason: map[string]int{}, ByHomeDomain: map[string]int{}}
	homes := map[string]int{}
	for i := range o.Rows {
		row := &o.Rows[i]
		switch row.Verdict {
		case decision.Sync:
			s.Synced++
		case decision.Unknown:
			s.Unknown++
		default:
			s.Skipped++
		}
		s.ByReason[row.Code]++
		home := ""
		if p := r.Directory.UserByID(row.ID); p >= 0 {
			home = decision.HomeDomain(&r.Directory.Users[p])
		}
		homes[cmp.Or(home, "(none)")]++
	}
	for i := range r.Directory.Users {
		if !r.InScope(int32(i)) {
			s.NotInScope++
		}
	}
	type count struct {
		name string
		n    int
	}
	var list []count
	for name, n := range homes {
		list = append(list, count{name, n})
	}
	slices.SortFunc(list, func(a, b count) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.name, b.name)) })
	for i, c := range list {
		if i >= maxHomeDomains {
			c.name = otherDomains
		}
		s.ByHomeDomain[c.name] += c.n
	}
	return s
}

// maxHomeDomains bounds the map of home domains: a tenant may know guests of
// thousands. The rest is counted under otherDomains.
const (
	maxHomeDomains = 100
	otherDomains   = "(other domains)"
)
