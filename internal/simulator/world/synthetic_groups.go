package world

import (
	"fmt"
	"strconv"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// groups makes the groups: one over a tree of the rest, nested as deep as asked for. Users are in five
// groups on average, most in few, some in many; groups are mostly small, a few very large.
func (m *generator) groups(t Synthetic) error {
	refs := make([]int32, 0, t.Groups)
	for i := range t.Groups {
		name := SyntheticScopeGroup
		if i > 0 {
			name = fmt.Sprintf("%s %s %d", pick(m.rand, departments), pick(m.rand, offices), i)
		}
		ref, err := m.group(i, name)
		if err != nil {
			return err
		}
		refs = append(refs, ref)
	}
	members := make([][]int32, len(refs))
	m.nest(refs, members, t.NestingDepth)
	users := m.store.Users.Refs
	for _, u := range users {
		for range m.memberships() {
			g := m.skewed(len(refs))
			members[g] = append(members[g], u)
		}
	}
	for i, ref := range refs {
		m.store.SetMembers(ref, unique(members[i]))
	}
	return nil
}

func (m *generator) group(i int, name string) (int32, error) {
	e := m.store.GroupType
	m.pack = m.pack[:0]
	set := func(property, raw string) { m.pack = m.pack.Add(e.ByName[property], raw) }
	set("createdDateTime", `"2020-01-01T00:00:00Z"`)
	set("displayName", rawjson.Quote(name))
	set("groupTypes", "[]")
	set("mailEnabled", "false")
	set("mailNickname", rawjson.Quote("group"+strconv.Itoa(i)))
	set("securityEnabled", "true")
	return m.store.Add(&tenant.Object{Entity: e, ID: m.id(2, i), Props: string(m.pack)})
}

// nest makes a tree: a fifth of the groups hang under the first, in levels of growing width; one leaf
// holds the first again, for cycles are legal.
func (m *generator) nest(refs []int32, members [][]int32, depth int) {
	nested := max(len(refs)/5, min(len(refs)-1, depth))
	if nested < 1 {
		return
	}
	level := make([]int, len(refs)) // of each group below the first
	for i := 1; i <= nested && i < len(refs); i++ {
		parent := 0
		if i > 1 && i <= depth {
			parent = i - 1 // one chain of the full depth
		} else if i > depth {
			parent = m.rand.IntN(i)
			for parent > 0 && level[parent] >= depth-1 {
				parent = m.rand.IntN(parent + 1)
			}
		}
		level[i] = level[parent] + 1
		members[parent] = append(members[parent], refs[i])
	}
	if last := min(depth, nested, len(refs)-1); last > 1 {
		members[last] = append(members[last], refs[0])
	}
}

// memberships is how many groups a user is in: 5 on average, from 1 up to about 40.
func (m *generator) memberships() int {
	n := 1
	for n < 40 && m.rand.IntN(5) != 0 {
		n++
	}
	return n
}

// skewed is a group, low numbers far more often than high ones: the square of a uniform choice.
func (m *generator) skewed(n int) int {
	f := m.rand.Float64()
	return int(f * f * float64(n))
}

// unique drops repetitions from a list in ascending order of users behind the nested groups.
func unique(list []int32) []int32 {
	out := list[:0]
	for i, ref := range list {
		if i > 0 && list[i-1] == ref {
			continue
		}
		out = append(out, ref)
	}
	return out
}
