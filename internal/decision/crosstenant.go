package decision

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
)

// CrossTenant is what a source tenant's cross-tenant synchronisation writes
// into this one, or is planned to.
type CrossTenant struct {
	// HomeDomains are those of the source tenant's people; they may be left out
	// with Source, which knows them.
	HomeDomains []string
	// Mapping is the source's mapping of users in its travelling form.
	Mapping string
	// Source is the source tenant, nil where it isn't ours.
	Source *directory.Directory
}

// maxNewcomers is how many newcomers a notice names.
const maxNewcomers = 10

// crossTenant lays what source tenants write over the assumptions: flow type
// Always writes userType of users who are there already, at the source user's
// next change; ObjectAddOnly, the default, only of new ones
// (cross-tenant-sync.md part 3, documented).
func (r Request) crossTenant(d *directory.Directory, w *WhatIf) ([]Notice, error) {
	var notices []Notice
	for i, c := range r.CrossTenant {
		m, err := mapping.ParseEffective(c.Mapping)
		if err != nil {
			return nil, wrong(i, err, "what_if", "cross_tenant", "mapping")
		}
		s := source{CrossTenant: c, mapping: m, target: d}
		if err := s.prepare(); err != nil {
			return nil, wrong(i, err, "what_if", "cross_tenant")
		}
		s.assume(w)
		for _, text := range s.notices() {
			notices = append(notices, Notice{[]string{"what_if", "cross_tenant"}, text})
		}
	}
	return notices, nil
}

// source is one source tenant while it is looked at.
type source struct {
	CrossTenant
	mapping mapping.Mapping
	target  *directory.Directory

	domains map[string]bool
	always  bool
	// constant is the type for all, where the expression is a constant.
	constant string
	// program evaluates userType for the source's users; nil without Source, or
	// where userType isn't mapped.
	program *mapping.Program
	row     *mapping.Row
	byName  map[string]int32
	taken   map[int32]bool
	// untold are existing users of whom the type can't be told, missing those
	// whom the source doesn't have.
	untold, missing int
	newcomers       []string
}

func (s *source) prepare() error {
	s.domains = map[string]bool{}
	for _, name := range s.HomeDomains {
		ascii := directory.ASCIIDomain(name)
		if ascii == "" {
			return fmt.Errorf("%q is no domain name", name)
		}
		s.domains[ascii] = true
	}
	if s.Source != nil && len(s.HomeDomains) == 0 {
		for _, d := range s.Source.Domains {
			if d.IsVerified {
				s.domains[d.Name] = true
			}
		}
	}
	if len(s.domains) == 0 {
		return errors.New("set home_domains, or directory with the source tenant's reading: whose people it is about isn't known")
	}
	a, mapped := s.mapping.Attributes["userType"]
	s.always = mapped && (a.Apply == "" || a.Apply == "always")
	if mapped {
		e, err := expression.Parse(a.Expression)
		if err != nil {
			return fmt.Errorf("userType: %w", err)
		}
		s.constant, _ = e.ConstantText()
	}
	if s.Source == nil {
		return nil
	}
	return s.prepareSource(mapped)
}

// prepareSource compiles what is evaluated on the source's users, and indexes
// them by name.
func (s *source) prepareSource(mapped bool) error {
	only := mapping.Mapping{Object: s.mapping.Object, Filter: s.mapping.Filter, Attributes: map[string]mapping.Attribute{}}
	if mapped {
		only.Attributes["userType"] = s.mapping.Attributes["userType"]
	}
	var err error
	if s.program, err = mapping.Compile(only, s.Source, mapping.Env{}); err != nil {
		return fmt.Errorf("on the source tenant's reading: %w", err)
	}
	s.row, s.taken = s.program.NewRow(), map[int32]bool{}
	s.byName = make(map[string]int32, 2*len(s.Source.Users))
	for i := range s.Source.Users {
		u := &s.Source.Users[i]
		if u.Mail != "" {
			s.byName[strings.ToLower(u.Mail)] = int32(i)
		}
	}
	for i := range s.Source.Users { // the principal name wins over another's mail
		s.byName[strings.ToLower(s.Source.Users[i].UserPrincipalName)] = int32(i)
	}
	return nil
}

// assume adds what is written to whom.
func (s *source) assume(w *WhatIf) {
	for i := range s.target.Users {
		u := &s.target.Users[i]
		if !IsExternal(u.UserPrincipalName) || !s.domains[HomeDomain(u)] {
			continue
		}
		t, known := s.typeFor(u)
		if !s.always || t != TypeMember && t != TypeGuest {
			if s.always && known {
				s.untold++
			}
			continue
		}
		if w.WrittenBack == nil {
			w.WrittenBack = map[string]string{}
		}
		w.WrittenBack[u.ID] = t
		if _, set := w.UserTypes[u.ID]; !set && u.UserType != t {
			if w.UserTypes == nil {
				w.UserTypes = map[string]string{}
			}
			w.UserTypes[u.ID] = t
		}
	}
	if s.program != nil {
		s.findNewcomers()
	}
}

// typeFor is the type that the source writes for a user of ours; known is false
// for one whom the source doesn't have or doesn't take.
func (s *source) typeFor(u *directory.User) (t string, known bool) {
	if s.program == nil {
		return s.constant, true
	}
	i, ok := s.byName[strings.ToLower(homeAddress(u.UserPrincipalName))]
	if !ok && u.Mail != "" {
		i, ok = s.byName[strings.ToLower(u.Mail)]
	}
	if !ok {
		s.missing++
		return "", false
	}
	s.taken[i] = true
	if !s.takes(i) || len(s.program.Targets) == 0 {
		return "", false
	}
	res, err := s.program.Eval(s.row, 0)
	if err != nil || res.Outcome != expression.OutcomeValue {
		return "", true
	}
	return res.Value.String(), true
}

// takes reports whether the source's job takes one of its users: only internal
// members who pass the filter (cross-tenant-sync.md part 1, documented). It
// leaves the user loaded.
func (s *source) takes(i int32) bool {
	u := &s.Source.Users[i]
	if IsExternal(u.UserPrincipalName) || u.UserType == TypeGuest {
		return false
	}
	s.program.Load(s.row, i)
	in, err := s.program.InScope(s.row)
	return err == nil && in
}

// findNewcomers lists whom the source's job takes and whom this tenant doesn't
// have. Who is assigned counts where the source's reading has one job of
// cross-tenant synchronisation.
func (s *source) findNewcomers() {
	if len(s.Source.Jobs) != 1 {
		return // who is assigned isn't known: nobody is said to come
	}
	for _, i := range mapping.Assigned(s.Source, &s.Source.Jobs[0]) {
		if !s.taken[i] && s.takes(i) {
			s.newcomers = append(s.newcomers, s.Source.Users[i].UserPrincipalName)
		}
	}
	slices.Sort(s.newcomers)
}

func (s *source) notices() (texts []string) {
	if s.untold > 0 {
		texts = append(texts, fmt.Sprintf("The type of %s can't be told: the mapping's userType is neither a constant nor an expression that gives Member or Guest for them on the source tenant's reading. It is taken as it is.", plural(s.untold, "user")))
	}
	if n := len(s.newcomers); n > 0 {
		shown := make([]string, 0, maxNewcomers)
		for _, name := range s.newcomers[:min(n, maxNewcomers)] {
			shown = append(shown, Plain(name))
		}
		more := ""
		if n > len(shown) {
			more = fmt.Sprintf(" and %d more", n-len(shown))
		}
		texts = append(texts, fmt.Sprintf("%s of the source tenant would newly come: %s%s. They aren't in this directory yet, so nothing is decided about them.", plural(n, "user"), strings.Join(shown, ", "), more))
	}
	return texts
}

// revert marks those whose type a source tenant writes back to another one.
func (r *Result) revert() {
	for id, t := range r.WhatIf.WrittenBack {
		i := r.Directory.UserByID(id)
		if i >= 0 && r.InScope(i) && r.typeOf(i) != t {
			r.Decisions[i].Warnings |= WarnRevertedBySource
		}
	}
}

// writtenBack is the type that the source tenant writes for a user, "" where
// none is known to.
func (r *Result) writtenBack(i int32) string { return r.WhatIf.WrittenBack[r.Directory.Users[i].ID] }
