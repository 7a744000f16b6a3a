package provisioning

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
)

// maxRules is how many rules about values a target may have.
const maxRules = 64

// rules are a target's rules about values, by the positions of what a job maps.
type rules struct {
	list []sent.ValueRule
	// by are, for each target of the job, the rules about it.
	by [][]int16
	// first is the position of the first target that a rule is about, -1 where the
	// job maps none.
	first []int
	// entry tells the entries of multi-valued attributes apart, by target: parts of one
	// address are one entry.
	entry []int16
	// marks are, for each target of the job, the rules whose entry it marks as primary or
	// not; unmarked are the rules, a bit for each, whose entry isn't primary by itself.
	marks    [][]int16
	unmarked uint64
}

// progress is what the values of one user have shown so far, a bit for each rule.
type progress struct {
	given, twice, refused uint64
	// primary and secondary are what rows say that mark an entry.
	primary, secondary uint64
	// entries are, by rule, the first entry that has a value.
	entries [maxRules]int16
}

func newRules(list []sent.ValueRule, targets []string) rules {
	r := rules{list: list, first: make([]int, len(list))}
	if len(list) == 0 {
		return r
	}
	r.by, r.entry = make([][]int16, len(targets)), entries(targets)
	r.marks = make([][]int16, len(targets))
	for n := range list {
		r.first[n] = -1
		for k, target := range targets {
			if list[n].Primary && marks(&list[n], target) {
				r.marks[k] = append(r.marks[k], int16(n))
			}
			if !about(&list[n], target) {
				continue
			}
			if !primaryByItself(target) {
				r.unmarked |= 1 << n
			}
			r.by[k] = append(r.by[k], int16(n))
			if r.first[n] < 0 {
				r.first[n] = k
			}
		}
	}
	return r
}

// entries numbers the entries of multi-valued attributes: emails[type eq "work"] is one,
// whatever of it is mapped.
func entries(targets []string) []int16 {
	numbers := map[string]int16{}
	out := make([]int16, len(targets))
	for k, target := range targets {
		name, _, _ := strings.Cut(target, "]")
		name = strings.ToLower(strings.ReplaceAll(name, " ", ""))
		if _, found := numbers[name]; !found {
			numbers[name] = int16(len(numbers))
		}
		out[k] = numbers[name]
	}
	return out
}

// about reports a target that a rule is about.
func about(rule *sent.ValueRule, target string) bool {
	if base, sub, found := strings.Cut(target, "["); found && strings.EqualFold(base, rule.Attribute) {
		// An entry of a multi-valued attribute. Only the value itself counts, not what
		// describes it: emails[…].value, and each part of an address.
		return !strings.HasSuffix(sub, ".primary") && !strings.HasSuffix(sub, ".type")
	}
	return !rule.Single && !rule.Primary && SameTarget(target, rule.Attribute)
}

// marks reports a target that says whether an entry of a rule's attribute is primary.
func marks(rule *sent.ValueRule, target string) bool {
	base, sub, found := strings.Cut(target, "[")
	return found && strings.EqualFold(base, rule.Attribute) && strings.HasSuffix(strings.ToLower(sub), ".primary")
}

// primaryByItself reports an entry that the service marks as primary without a row that
// says so: the work one, in what Microsoft shows of its requests
// (learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups),
// and one that is found by that mark.
func primaryByItself(target string) bool {
	_, sub, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(target, " ", "")), "[")
	return strings.HasPrefix(sub, `typeeq"work"]`) || strings.HasPrefix(sub, `primaryeq"true"]`) ||
		strings.HasPrefix(sub, "primaryeqtrue]")
}

// of reports a target that a rule is about.
func (r *rules) of(k int) bool { return r.by != nil && len(r.by[k])+len(r.marks[k]) > 0 }

// at is the position of the target that a rule is about, -1 where the job maps none.
func (r *rules) at(rule int) int { return r.first[rule] }

// take takes the value of one target.
func (r *rules) take(k int, value string, p *progress) {
	if r.by == nil || value == "" {
		return
	}
	for _, n := range r.marks[k] {
		if strings.EqualFold(value, "true") {
			p.primary |= 1 << n
		} else {
			p.secondary |= 1 << n
		}
	}
	for _, n := range r.by[k] {
		bit := uint64(1) << n
		switch {
		case p.given&bit == 0:
			p.entries[n] = r.entry[k]
		case p.entries[n] != r.entry[k]:
			p.twice |= bit
		}
		p.given |= bit
		if accepts := r.list[n].Accepts; accepts != nil && !accepts(value) {
			p.refused |= bit
		}
	}
}

// broken is the first rule that a user breaks, -1 for none; lacks says that nothing is
// broken but what requires something.
func (r *rules) broken(p *progress) (first int, lacks bool) {
	first = -1
	for n := range r.list {
		if !r.breaks(n, p) {
			continue
		}
		if first < 0 {
			first = n
		}
		if !r.list[n].Required {
			return first, false
		}
	}
	return first, first >= 0
}

// breaks reports that a user breaks a rule.
func (r *rules) breaks(n int, p *progress) bool {
	bit := uint64(1) << n
	rule := &r.list[n]
	return rule.Required && p.given&bit == 0 || rule.Single && p.twice&bit != 0 || p.refused&bit != 0 ||
		rule.Primary && p.given&bit != 0 && !r.isPrimary(bit, p)
}

// isPrimary reports that the entry which a rule is about is marked as primary.
func (r *rules) isPrimary(bit uint64, p *progress) bool {
	return p.primary&bit != 0 || r.unmarked&bit == 0 && p.secondary&bit == 0
}
