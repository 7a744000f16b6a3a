package outcome

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// Everybody who changes is in the list, with what was and what is; by ids nobody
// is named.
func TestChangesJSON(t *testing.T) {
	w := directorytest.Base()
	a := Of(decide(t, w, request()), nil)
	w.Rename("ann", "anna@company.com")
	r := decide(t, w, request())
	p := Of(r, a)
	c := Compare(a, p, p, Compared{Directory: r.Directory})
	var violations []Violation
	raw, err := c.JSON(SeverityReview, violations, false)
	if err != nil {
		t.Fatal(err)
	}
	list, err := ParseChanges(raw)
	if err != nil {
		t.Fatal(err)
	}
	if list.Severity != SeverityReview || list.Total != len(c.List) || len(list.Changes) != list.Total {
		t.Errorf("got %+v", list)
	}
	for _, x := range list.Changes {
		if x.Kind == "renamed" && (!strings.Contains(x.Before, "name ann@company.com") ||
			!strings.Contains(x.After, "name anna@company.com")) {
			t.Errorf("a rename without its names: %+v", x)
		}
	}
	byID, err := c.JSON(SeverityReview, violations, true)
	if err != nil || strings.Contains(byID, "ann") {
		t.Errorf("by id it says %s, %v", byID, err)
	}
	if _, err := ParseChanges("### Who"); err == nil {
		t.Error("Markdown is taken for data")
	}
}
