package directory

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// What an attribute holds doesn't depend on what others before held.
func TestAttributeAfterOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := NewDecoder([]string{"country", "department"})
		for range rapid.IntRange(1, 40).Draw(t, "users") {
			value := rapid.OneOf(
				rapid.SampledFrom([]string{
					`""`,
					`"a"`,
					`"aba"`,
					`"aca"`,
					`"a\"a"`,
					`"a\u0041a"`,
					`"ä"`,
					`null`,
					`true`,
					`17`,
					`["a"]`,
					`{"b":1,"a":2}`,
				}),
				rapid.StringMatching(`"[a-c]{0,4}"`),
			)
			country, department := value.Draw(t, "country"), value.Draw(t, "department")
			raw := []byte(fmt.Sprintf(`{"id":"u","country":%s,"department":%s}`, country, department))
			_, values, _, err := d.User(raw)
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("%q", values)
			_, alone, _, err := NewDecoder([]string{"country", "department"}).User(raw)
			if want := fmt.Sprintf("%q", alone); err != nil || got != want {
				t.Fatalf("%s: %s, alone %s (%v)", raw, got, want, err)
			}
		}
	})
}
