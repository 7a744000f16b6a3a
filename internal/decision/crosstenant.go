package decision

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/entratenant"
	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/provisioning"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// CrossTenant is what a source tenant's cross-tenant synchronization writes
// into this one, or is planned to.
type CrossTenant struct {
	// HomeDomains are those of the source tenant's people; they may be left out
	// with Source, which knows them.
	HomeDomains []string
	// Mapping is the source's mapping of users in its traveling form.
	Mapping string
	// Source is the source tenant, nil where it isn't ours.
	Source *directory.Directory
}

// maxNewcomers is how many newcomers a notice names.
const maxNewcomers = 10

// crossTenant lays what source tenants write over the assumptions; whoever is
// given a type there keeps it.
func (r Request) crossTenant(d *directory.Directory, w *WhatIf) ([]Notice, error) {
	written, texts, err := WrittenBack(r.CrossTenant, d)
	if err != nil {
		return nil, err
	}
	var notices []Notice
	for _, text := range texts {
		notices = append(notices, Notice{Path: []string{"what_if", "cross_tenant"}, Text: text})
	}
	w.WrittenBack = written
	for id, t := range written {
		if _, set := w.UserTypes[id]; set || d.Users[d.UserByID(id)].UserType == t {
			continue
		}
		if w.UserTypes == nil {
			w.UserTypes = map[string]string{}
		}
		w.UserTypes[id] = t
	}
	return notices, nil
}

// WrittenBack gives, for the users whom a source tenant's mapping of userType
// is about, the type that it writes, by object id: flow type Always writes it
// of users who are there already, at the source user's next change;
// ObjectAddOnly, the default, only of new ones ([cross-tenant 3],
// documented). texts say what can't be told, and who would newly come. The
// error is an *ArgumentError.
func WrittenBack(list []CrossTenant, d *directory.Directory) (types map[string]string, texts []string, err error) {
	seen := map[string]bool{}
	for i, c := range list {
		m, err := mapping.ParseEffective(c.Mapping)
		if err == nil && !strings.EqualFold(m.Object.Source, "User") {
			err = fmt.Errorf("it maps %s objects: the mapping of users is meant", m.Object.Source)
		}
		if err != nil {
			return nil, nil, argumentError(i, err, "what_if", "cross_tenant", "mapping")
		}
		s := source{CrossTenant: c, mapping: m, target: d}
		if err := s.prepare(); err != nil {
			return nil, nil, argumentError(i, err, "what_if", "cross_tenant")
		}
		for _, domain := range slices.Sorted(maps.Keys(s.domains)) {
			if seen[domain] {
				return nil, nil, argumentError(i, fmt.Errorf("another entry has the home domain %s too: one source "+
					"tenant has one entry", domain), "what_if", "cross_tenant")
			}
			seen[domain] = true
		}
		for id, t := range s.written() {
			if types == nil {
				types = map[string]string{}
			}
			types[id] = t
		}
		texts = append(texts, s.notices()...)
	}
	return types, texts, nil
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
	// sent is what the source's job sends, and there the target as it receives it; nil
	// without Source.
	sent  *provisioning.Results
	there *entratenant.View
	// decisions are those of the source's users.
	decisions []Decision
	// assigned says that who is assigned to the source's job is known.
	assigned bool
	// untold are existing users of whom the type can't be told, missing those
	// whom the source doesn't have.
	untold, missing int
	// unclear are users of whom it can't be told whether the source's job takes
	// them: its filter can't be evaluated.
	unclear int
	// here are the users of this tenant whom it is about.
	here      int
	newcomers []string
}

func (s *source) prepare() error {
	if s.Source != nil && s.Source.TenantID == s.target.TenantID {
		return errors.New("directory is this tenant's own reading: the source tenant's is meant")
	}
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
		return errors.New("set home_domains, or directory with the source tenant's reading: whose people it is about " +
			"isn't known")
	}
	if a, mapped := s.mapping.Attributes["userType"]; mapped {
		s.always = a.Apply == "" || a.Apply == "always"
		e, err := expression.Parse(a.Expression)
		if err != nil {
			return fmt.Errorf("userType: %w", err)
		}
		s.constant, _ = e.ConstantText()
	}
	if s.Source == nil {
		return nil
	}
	return s.send()
}

// send evaluates the source's job for its users, and matches them with the target's: the
// connector of the source tenant, with what of its mapping decides.
func (s *source) send() error {
	t := tenant.New(s.Source, directory.NewLookup(s.Source))
	c := provisioning.Config{Needs: entratenant.Needs(), Job: &directory.Job{}, Everyone: true}
	own := mapping.Mapping{}
	if len(s.Source.Jobs) == 1 {
		c.Job, c.Everyone, s.assigned = &s.Source.Jobs[0], false, true
		if m, err := provisioning.UserMapping(c.Job, nil); err == nil && m.Object == s.mapping.Object {
			own = m
		}
	}
	all := s.mapping
	if len(own.Attributes) > 0 {
		all = mapping.Overlay(own, s.mapping)
	}
	only := deciding(all)
	s.always = false
	if a, mapped := only.Attributes["userType"]; mapped {
		s.always = (a.Apply == "" || a.Apply == "always") && slices.Contains(only.Actions, mapping.ActionUpdate)
	}
	c.Mapping = &only
	service, err := provisioning.New(t, c)
	if err != nil {
		return fmt.Errorf("on the source tenant's reading: %w", err)
	}
	there := entratenant.New(t, s.target, func(domain string) bool { return s.domains[domain] }, held.History{})
	job := service.Capabilities()
	// What decides who comes as what is without accountEnabled. The template maps it
	// [cross-tenant 2]: a job is one without it only where all of its mapping is known.
	_, maps := all.Attributes["accountEnabled"]
	job.Disables = job.Updates && (maps || len(own.Attributes) == 0)
	there.Serve(job, nil)
	v := t.Under(WhatIf{})
	s.sent = service.Send(v, service.Scope(v), func(each func(from, to int)) { each(0, len(s.Source.Users)) })
	s.there = there.Under(v)
	s.decide()
	return nil
}

// decide decides everybody as the source's outcome does: users who share a mail are one
// there, and whose values that one has isn't known [cross-tenant 4].
func (s *source) decide() {
	byMail := map[string][]int32{}
	for i := range int32(len(s.Source.Users)) {
		d := s.there.Receive(i, s.sent.Of(i), 0, nil)
		s.decisions = append(s.decisions, d)
		if d.Code.Verdict() == Sync {
			mail := strings.ToLower(s.there.KeptAddress(i))
			byMail[mail] = append(byMail[mail], i)
		}
	}
	for mail, users := range byMail {
		for _, i := range users {
			if mail != "" && len(users) > 1 {
				s.decisions[i].Code = reason.DuplicateAddress
			}
		}
	}
}

// deciding is what of a mapping decides who comes as what: its filters, userType and mail,
// which is [mail] by default [cross-tenant 2].
func deciding(all mapping.Mapping) mapping.Mapping {
	only := mapping.Mapping{
		Object:         all.Object,
		Filter:         all.Filter,
		InputFilter:    all.InputFilter,
		CategoryFilter: all.CategoryFilter,
		Actions:        all.Actions,
		Attributes:     map[string]mapping.Attribute{"mail": {Expression: "[mail]"}},
	}
	if only.Actions == nil {
		only.Actions = []string{mapping.ActionCreate, mapping.ActionUpdate, mapping.ActionDelete}
	}
	for _, target := range []string{"userType", "mail"} {
		if a, mapped := all.Attributes[target]; mapped {
			only.Attributes[target] = a
		}
	}
	return only
}

// written is what the source writes to whom.
func (s *source) written() map[string]string {
	out := map[string]string{}
	for j := range s.target.Users {
		u := &s.target.Users[j]
		if !tenant.IsExternal(u) || !s.domains[tenant.HomeDomain(u)] {
			continue
		}
		s.here++
		t, known := s.typeFor(int32(j))
		switch {
		case !s.always:
		case t == TypeMember || t == TypeGuest:
			out[u.ID] = t
		case known:
			s.untold++
		}
	}
	s.findNewcomers()
	return out
}

// typeFor is the type that the source writes for a user of ours; known is false
// for one whom the source doesn't have or doesn't take.
func (s *source) typeFor(j int32) (t string, known bool) {
	if s.sent == nil {
		return s.constant, true
	}
	i := s.there.SourceOf(j)
	if i < 0 {
		s.missing++
		return "", false
	}
	u := s.sent.Of(i)
	d := s.decisions[i]
	switch {
	case d.Code.Verdict() == Sync, d.Code == reason.AccountDisabled, d.Code == reason.AccountDeactivated:
		return [...]string{"", TypeMember, TypeGuest}[u.Type], true
	case d.Code == reason.MappingError, d.Code == reason.DuplicateAddress:
		return "", true
	case d.Code != reason.AttributeUnknown:
		return "", false
	case u.At < 0: // a filter
		s.unclear++
		return "", false
	}
	return "", true
}

// findNewcomers lists whom the source's job takes and whom this tenant doesn't
// have. Who is assigned counts where the source's reading has one job of
// cross-tenant synchronization.
func (s *source) findNewcomers() {
	if s.sent == nil || !s.assigned { // nobody is said to come where that isn't known
		return
	}
	for i := range int32(len(s.Source.Users)) {
		if s.there.Expected(i) {
			continue
		}
		u := s.sent.Of(i)
		d := s.decisions[i]
		switch {
		case d.Code.Verdict() == Sync:
			s.newcomers = append(s.newcomers, s.Source.Users[i].UserPrincipalName)
		case d.Code == reason.AttributeUnknown && u.At < 0:
			s.unclear++
		}
	}
	slices.Sort(s.newcomers)
}

func (s *source) notices() (texts []string) {
	if s.here == 0 {
		texts = append(
			texts,
			"Nobody in this tenant has one of its home domains ("+strings.Join(
				slices.Sorted(maps.Keys(s.domains)),
				", ",
			)+"): it changes nothing.",
		)
	}
	if s.missing > 0 {
		texts = append(texts, fmt.Sprintf("%s of its home domains %s in the source tenant's reading: nothing is "+
			"assumed of them.", text.Plural(s.missing, "user"),
			map[bool]string{true: "isn't", false: "aren't"}[s.missing == 1]))
	}
	if s.sent != nil && !s.assigned {
		texts = append(texts, "Who is assigned to the source tenant's job isn't known, so that all its members are "+
			"taken to be: name its service principal in service_principals of the source's usersync_directory.")
	}
	if s.untold > 0 {
		texts = append(texts, fmt.Sprintf("The type of %s can't be told: the mapping's userType is neither a "+
			"constant nor an expression that gives Member or Guest for them on the source tenant's reading. It is "+
			"taken as it is.", text.Plural(s.untold, "user")))
	}
	if s.unclear > 0 {
		texts = append(texts, fmt.Sprintf("Whether the source tenant's job takes %s can't be told: its scoping "+
			"filter can't be evaluated for them. Nothing is assumed of them.", text.Plural(s.unclear, "user")))
	}
	if n := len(s.newcomers); n > 0 {
		shown := make([]string, 0, maxNewcomers)
		for _, name := range s.newcomers[:min(n, maxNewcomers)] {
			shown = append(shown, text.Plain(name))
		}
		more := ""
		if n > len(shown) {
			more = fmt.Sprintf(" and %d more", n-len(shown))
		}
		texts = append(texts, fmt.Sprintf("%s of the source tenant would newly come: %s%s. They aren't in this "+
			"directory yet, so nothing is decided about them.",
			text.Plural(n, "user"), strings.Join(shown, ", "), more))
	}
	return texts
}

// revert marks those whose type a source tenant writes back to another one.
func (r *Result) revert() {
	for id, t := range r.WhatIf.WrittenBack {
		if i := r.Directory.UserByID(id); i >= 0 {
			r.revertOne(i, t)
		}
	}
}

func (r *Result) revertOne(i int32, written string) {
	if r.InScope(i) && r.typeOf(i) != written {
		r.Decisions[i].Warnings |= reason.RevertedBySource
	}
}

// writtenBack is the type that the source tenant writes for a user, "" where
// none is known to.
func (r *Result) writtenBack(i int32) string { return r.WhatIf.WrittenBack[r.Directory.Users[i].ID] }
