package simulator

import (
	"slices"
	"strings"
)

// ids is the ids in id eq '…' or id eq '…'.
func (f *filter) ids() ([]string, bool) {
	if f.op == opEq && len(f.path) == 1 && f.path[0] == "id" {
		return []string{strings.ToLower(f.values[0].text)}, true
	}
	if f.op != opOr {
		return nil, false
	}
	var out []string
	for _, k := range f.kids {
		ids, ok := k.ids()
		if !ok {
			return nil, false
		}
		out = append(out, ids...)
	}
	return out, true
}

func always(f form) func(*object) form { return func(*object) form { return f } }

// narrow looks ids and principal names up instead of walking through everyone.
func (src *source) narrow(st *store, f *filter) {
	if lo, hi, ok := f.upnRange(); ok {
		src.within(st, lo, hi)
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
		ref, ok := st.lookup(v.text)
		if byUPN {
			ref, ok = st.byUPN[strings.ToLower(v.text)]
			if st.lagging {
				return // a list that lags behind may know it by its old name
			}
		}
		if ok && st.slots[ref].obj.ent == st.user && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	src.refs = refs
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

// within passes over those outside of a range without looking at them closely. Whom a reader may still
// see by an older name is looked at.
func (src *source) within(st *store, lo, hi string) {
	see, low, high := src.see, prefix(lo), prefix(hi)
	settled := !st.lagging && !st.stale // then nobody sees an older name
	src.see = func(ref int32) *object {
		s := &st.slots[ref]
		if s.outside(lo, hi, low, high) && (settled || s.obj.prev == nil && s.obj.listed == nil) {
			return nil
		}
		return see(ref)
	}
}
