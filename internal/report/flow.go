package report

import (
	"cmp"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// meantFor is where those stand, behind the verdicts, who are meant not to sync.
const meantFor = 3

// byVerdict are numbers of users by verdict; who is skipped and meant to be stands last.
type byVerdict [4]int

// flow is the users of one home domain, by type and verdict.
type flow struct {
	home     string
	users    int
	verdicts byVerdict
	types    []typeFlow
	// domains is how many home domains it stands for.
	domains int
}

type typeFlow struct {
	userType string
	users    int
	verdicts byVerdict
}

// flowsOf counts home domain -> type -> verdict, the largest domains first.
func flowsOf(people []person) []flow {
	at := map[string]int{}
	var list []flow
	for i := range people {
		p := &people[i]
		k, ok := at[p.home]
		if !ok {
			k = len(list)
			at[p.home] = k
			list = append(list, flow{home: p.home, domains: 1})
		}
		list[k].add(p.userType, p.group(), 1)
	}
	for i := range list {
		list[i].sort()
	}
	slices.SortFunc(
		list,
		func(a, b flow) int { return cmp.Or(cmp.Compare(b.users, a.users), cmp.Compare(a.home, b.home)) },
	)
	return list
}

// group is where somebody counts.
func (p *person) group() int {
	if p.meant {
		return meantFor
	}
	return int(p.verdict)
}

func (f *flow) add(userType string, v, n int) {
	f.users += n
	f.verdicts[v] += n
	k := slices.IndexFunc(f.types, func(t typeFlow) bool { return t.userType == userType })
	if k < 0 {
		k = len(f.types)
		f.types = append(f.types, typeFlow{userType: userType})
	}
	f.types[k].users += n
	f.types[k].verdicts[v] += n
}

func (f *flow) sort() {
	slices.SortFunc(f.types, func(a, b typeFlow) int {
		return cmp.Or(cmp.Compare(b.users, a.users), cmp.Compare(a.userType, b.userType))
	})
}

// largest are the n largest flows, and the others as one.
func largest(list []flow, n int) []flow {
	if len(list) <= n+1 {
		return list
	}
	rest := flow{domains: len(list) - n}
	for i := range list[n:] {
		for _, t := range list[n+i].types {
			for v, users := range t.verdicts {
				if users > 0 {
					rest.add(t.userType, v, users)
				}
			}
		}
	}
	rest.sort()
	return append(slices.Clone(list[:n]), rest)
}

// label names a flow's domain.
func (f *flow) label() string {
	switch {
	case f.domains > 1:
		return text.Plural(f.domains, "other domain")
	case f.home == "":
		return "no home domain"
	}
	return text.Plain(f.home)
}

func typeLabel(t string) string {
	if t == "" {
		return "no userType"
	}
	return text.Plain(t)
}
