package directory

import (
	"cmp"
	"slices"
)

// Sort puts domains, accounts and groups in canonical order, each once: pages
// of a changing collection repeat some. The last one of an id counts.
func (o *Organization) Sort() {
	slices.SortFunc(o.Domains, func(a, b Claim) int {
		return cmp.Or(
			cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.Type, b.Type),
			cmp.Compare(a.Status, b.Status),
			cmp.Compare(a.ID, b.ID),
		)
	})
	o.Domains = slices.CompactFunc(
		o.Domains,
		func(a, b Claim) bool { return a.Name == b.Name && a.Type == b.Type && a.Status == b.Status },
	)
	o.Accounts = lastOfEach(o.Accounts, func(a *Account) string { return a.AccountID })
	o.Groups = lastOfEach(o.Groups, func(g *AccountGroup) string { return g.ID })
	for i := range o.Groups {
		g := &o.Groups[i]
		slices.Sort(g.Members)
		if g.Members = slices.Compact(g.Members); len(g.Members) == 0 {
			g.Members = nil
		}
	}
}

// lastOfEach sorts by id and keeps the last of those that share one.
func lastOfEach[T any](list []T, id func(*T) string) []T {
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(id(&a), id(&b)) })
	out := list[:0]
	for i := range list {
		if i+1 == len(list) || id(&list[i]) != id(&list[i+1]) {
			out = append(out, list[i])
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
