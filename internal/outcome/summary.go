package outcome

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
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
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	size := len("{}")
	for _, e := range entries {
		size += len(`"":"",`) + len(e.key) + len(e.value)
	}
	var b strings.Builder
	b.Grow(size)
	b.WriteByte('{')
	for i, e := range entries {
		if i > 0 {
			b.WriteByte(',')
		}
		err1 := writeJSON(&b, e.key)
		b.WriteByte(':')
		err2 := writeJSON(&b, e.value)
		if err := errors.Join(err1, err2); err != nil {
			return "", err
		}
	}
	b.WriteByte('}')
	return b.String(), nil
}

// writeJSON writes a text as json.Marshal does, which is asked only where it has something
// to escape: most names and decisions of 100,000 users have nothing.
func writeJSON(b *strings.Builder, s string) error {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			raw, err := json.Marshal(s)
			b.Write(raw)
			return err
		}
	}
	b.WriteByte('"')
	b.WriteString(s)
	b.WriteByte('"')
	return nil
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
	const much = 32 << 10
	h := sha256.New()
	buf := make([]byte, 0, 2*much)
	w := func(s string) {
		buf = strconv.AppendInt(buf, int64(len(s)), 10)
		buf = append(append(buf, ':'), s...)
		if len(buf) >= much {
			_, _ = h.Write(buf)
			buf = buf[:0]
		}
	}
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
	_, _ = h.Write(buf)
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
	users := walk{d: r.Directory}
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
		if p := users.user(row.ID); p >= 0 {
			home = r.Tenant.HomeDomain(p)
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
