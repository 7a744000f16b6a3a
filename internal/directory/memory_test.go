package directory

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Users who come by the page, the same ones again and after they were removed, are those
// who came last, each at a position of their own, as if they had come one by one.
func TestPlaceUsers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.Map(rapid.IntRange(0, 1500), func(n int) string {
			if n%7 == 0 {
				return fmt.Sprint("user ", n)
			}
			return fmt.Sprintf("11111111-1111-4111-8111-%012x", n)
		})
		paged, single := NewBuilder([]string{"department"}), NewBuilder([]string{"department"})
		for came := range rapid.IntRange(1, 5).Draw(t, "pages") {
			for range rapid.IntRange(0, 3).Draw(t, "removed") {
				gone := id.Draw(t, "gone")
				paged.RemoveUser(gone)
				single.RemoveUser(gone)
			}
			var want []int32
			for i, u := range rapid.SliceOfN(id, 0, 1200).Draw(t, "page") {
				values := []string{fmt.Sprint(came, " ", i)}
				paged.QueueUser(User{ID: u, Mail: values[0]}, values, 0)
				want = append(want, single.AddUser(User{ID: u, Mail: values[0]}, values, 0))
			}
			if got := paged.PlaceUsers(); !slices.Equal(got, want) {
				t.Fatalf("placed at %v, want %v", got, want)
			}
		}
		if d := difference(single.Build("t", nil), paged.Build("t", nil)); d != "" {
			t.Fatalf("-one by one +by the page:\n%s", d)
		}
	})
}

// Putting somebody in their place who is there already takes no memory, however many others
// there are.
func TestAddUserAgain(t *testing.T) {
	b := NewBuilder([]string{"department"})
	id := func(i int) string { return fmt.Sprintf("11111111-1111-4111-8111-%012x", i) }
	for i := range chunkSize {
		b.AddUser(User{ID: id(i)}, []string{""}, 0)
	}
	again, values := id(17), []string{`"Sales"`}
	if n := testing.AllocsPerRun(10, func() { b.AddUser(User{ID: again}, values, 0) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// Memory for the payload is taken once, where every value differs, too.
func TestPackedSize(t *testing.T) {
	b := NewBuilder([]string{"department", "jobTitle"})
	for i := range 2000 {
		value := fmt.Sprintf(`"something of %d alone"`, i)
		b.AddUser(User{
			ID:                fmt.Sprintf("11111111-1111-4111-8111-%012x", i),
			UserPrincipalName: fmt.Sprintf("user%d@company.com", i),
			Mail:              fmt.Sprintf("first.last%d@company.com", i),
		}, []string{value, value}, 0)
	}
	d := b.Build("t", nil)
	if size := len(payload(t, mustEncode(t, d))); size > d.packedSize() || d.packedSize() > 2*size {
		t.Errorf("%d bytes, thought to be %d", size, d.packedSize())
	}
}
