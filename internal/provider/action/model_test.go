package action

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
)

func TestTally(t *testing.T) {
	tally := tally{all: 15}
	for i := range 12 {
		tally.add(fmt.Sprintf("user%02d@x.example", i), entra.OnDemandResult{Result: "Failure", ErrorCode: "Code", Reason: "why"})
	}
	tally.add("in@x.example", entra.OnDemandResult{Result: "success"})
	tally.add("out@x.example", entra.OnDemandResult{Result: "Skipped"})
	tally.add("odd@x.example", entra.OnDemandResult{Result: "Warning", ErrorMessage: "odd"})
	var d diag.Diagnostics
	tally.report(&d)
	if len(d) != 2 || d.ErrorsCount() != 1 || d.WarningsCount() != 1 {
		t.Fatal(d)
	}
	failed, skipped := d[0], d[1]
	if failed.Summary() != "Provisioning on demand failed for 12 of 15" || strings.Count(failed.Detail(), "@x.example: Code: why") != 10 ||
		!strings.Contains(failed.Detail(), "\nand 2 more\n") || !strings.Contains(failed.Detail(), "Provisioned: 1, skipped: 2") {
		t.Error(failed)
	}
	if !strings.HasPrefix(skipped.Detail(), "out@x.example: the service gives no reason\nodd@x.example: odd\n") {
		t.Error(skipped)
	}
}

func TestRuleID(t *testing.T) {
	const one, two = `{"synchronizationRules":[{"id":"1","name":"A"}]}`, `{"synchronizationRules":[{"id":"1","name":"A"},{"id":"2","name":"B"},{"id":"3","name":"B"}]}`
	for _, c := range []struct{ schema, name, id, problem string }{
		{one, "", "1", ""},
		{one, "A", "1", ""},
		{one, "B", "", "no synchronization rule \"B\""},
		{two, "A", "1", ""},
		{two, "3", "3", ""},
		{two, "", "", "several synchronization rules"},
		{two, "B", "", "2 rules of the job's schema are called \"B\""},
		{`{}`, "", "", "has no synchronization rule"},
		{`[]`, "", "", "another shape"},
	} {
		id, err := ruleID(json.RawMessage(c.schema), c.name)
		if id != c.id || (err == nil) != (c.problem == "") || err != nil && !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%s %q: %q %v", c.schema, c.name, id, err)
		}
		var rule *ruleError
		if errors.As(err, &rule) && len(rule.have) > 0 && !strings.Contains(rule.Advice(), `"A" (id 1)`) {
			t.Error(rule.Advice())
		}
	}
}

func TestWords(t *testing.T) {
	if got := words(" a\x1b[31m\n\tb\u202e c "); got != "a [31m b c" {
		t.Errorf("%q", got)
	}
	if got := []rune(words(strings.Repeat("ä", 1000))); len(got) != maxWords+1 {
		t.Error(len(got))
	}
}
