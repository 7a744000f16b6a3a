package decision

import "testing"

// A sentence that goes on begins small, unless it begins with a name.
func TestLowerFirst(t *testing.T) {
	for s, want := range map[string]string{"Add": "add", "Map": "map", "Zeal": "zeal", "URL": "URL", "userType": "userType", "X": "X", "": "", "A{": "a{"} {
		if got := lowerFirst(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}
