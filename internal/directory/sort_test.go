package directory

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Where the beginnings of two ids differ, they are in the order of the ids.
func TestBeginning(t *testing.T) {
	id := rapid.OneOf(
		rapid.StringMatching(`[0-9a-f]{0,9}`),
		rapid.StringMatching(`[0-9a-f/:@A-G\x60g~-]{0,9}`),
		rapid.String(),
	)
	rapid.Check(t, func(t *rapid.T) {
		a, b := id.Draw(t, "a"), id.Draw(t, "b")
		if beginning(a) < beginning(b) && a >= b || beginning(a) > beginning(b) && a <= b {
			t.Errorf("%q %x, %q %x", a, beginning(a), b, beginning(b))
		}
	})
	for id, want := range map[string]uint32{
		"01234567-89ab-cdef-0123-456789abcdef": 0x01234567,
		"fedcba98-89ab-cdef-0123-456789abcdef": 0xfedcba98,
	} {
		if got := beginning(id); got != want {
			t.Errorf("%s: %x, want %x", id, got, want)
		}
	}
}

// Ranks are those of the sorted ids, whatever they are.
func TestSortByID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOf(rapid.StringMatching(`[0-9a-fz-]{0,10}`)).Draw(t, "ids")
		rank := sortByID(chunksOf(slices.Clone(ids)), func(s *string) string { return *s })
		got := make([]string, len(ids))
		for i, r := range rank {
			got[r] = ids[i]
		}
		if slices.Sort(ids); !slices.Equal(got, ids) {
			t.Errorf("got %q, want %q", got, ids)
		}
	})
}

// Positions are sorted alike in a bitmap and by comparison.
func TestPositionSorter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 3000).Draw(t, "limit")
		p := newPositionSorter(limit)
		for range 3 {
			list := rapid.SliceOf(rapid.Int32Range(0, int32(limit-1))).Draw(t, "list")
			if want := sortedUnique(slices.Clone(list)); !slices.Equal(p.sorted(list), want) {
				t.Errorf("limit %d: want %v", limit, want)
			}
		}
	})
}

// A list in chunks is that of a slice.
func TestChunks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 2*chunkSize+2).Draw(t, "n")
		want := make([]int, n)
		for i := range want {
			want[i] = i
		}
		c := chunksOf(slices.Clone(want))
		for range rapid.IntRange(0, chunkSize+2).Draw(t, "added") {
			c.add(len(want))
			want = append(want, len(want))
		}
		for range min(len(want), rapid.IntRange(0, chunkSize+2).Draw(t, "removed")) {
			c.removeLast()
			want = want[:len(want)-1]
		}
		c.add(-1)
		if want = append(want, -1); !slices.Equal(slices.Concat(c...), want) || c.len() != len(want) {
			t.Fatalf("%d items, want %d", c.len(), len(want))
		}
		for i, x := range want {
			if *c.at(int32(i)) != x {
				t.Fatalf("item %d: %d", i, *c.at(int32(i)))
			}
		}
	})
}
