package odata

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// IDs is the ids in id eq '…' or id eq '…'.
func (f *filter) IDs() ([]string, bool) {
	if f.op == opEq && len(f.path) == 1 && f.path[0] == "id" {
		return []string{strings.ToLower(f.values[0].text)}, true
	}
	if f.op != opOr {
		return nil, false
	}
	var out []string
	for _, k := range f.kids {
		ids, ok := k.IDs()
		if !ok {
			return nil, false
		}
		out = append(out, ids...)
	}
	return out, true
}

// Always writes every object in one form.
func Always(f Form) func(*tenant.Object) Form { return func(*tenant.Object) Form { return f } }

// ByKeys looks ids and principal names up instead of walking through everyone.
func (src *Source) ByKeys(st *tenant.Store, f *filter) {
	if lo, hi, ok := f.upnRange(); ok {
		src.withinRange(st, lo, hi)
		return
	}
	if f == nil || (f.op != opEq && f.op != opIn) || len(f.path) != 1 {
		return
	}
	byUPN := f.path[0] == "userPrincipalName"
	if f.path[0] != "id" && !byUPN {
		return
	}
	refs := []int32{}
	for _, v := range f.values {
		ref, ok := st.Lookup(v.text)
		if byUPN {
			ref, ok = st.ByUPN[strings.ToLower(v.text)]
			if st.Lagging {
				return // a list that lags behind may know it by its old name
			}
		}
		if ok && st.Slots[ref].Object.Entity == st.UserType && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	src.Refs = refs
}

// upnRange is the range of principal names that a filter of ge and le asks for, in lower case; "" is
// open.
func (f *filter) upnRange() (lo, hi string, ok bool) {
	switch {
	case f == nil:
		return "", "", false
	case f.op == opAnd && len(f.kids) == 2:
		lo, _, below := f.kids[0].upnRange()
		_, hi, above := f.kids[1].upnRange()
		return lo, hi, below && above && lo != "" && hi != ""
	case len(f.path) != 1 || f.path[0] != "userPrincipalName":
		return "", "", false
	case f.op == opGe:
		return strings.ToLower(f.values[0].text), "", true
	case f.op == opLe:
		return "", strings.ToLower(f.values[0].text), true
	}
	return "", "", false
}

// withinRange passes over those outside of a range without looking at them closely. Whom a reader may still
// see by an older name is looked at.
func (src *Source) withinRange(st *tenant.Store, lo, hi string) {
	see, low, high := src.See, tenant.Prefix(lo), tenant.Prefix(hi)
	current := !st.Lagging && !st.Stale // then nobody sees an older name
	src.See = func(ref int32) *tenant.Object {
		s := &st.Slots[ref]
		if s.Outside(lo, hi, low, high) && (current || s.Object.Previous == nil && s.Object.Listed == nil) {
			return nil
		}
		return see(ref)
	}
}
