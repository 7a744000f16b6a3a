package provisioning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
)

func TestTally(t *testing.T) {
	outcomes := outcomes{all: 15}
	for i := range 12 {
		outcomes.add(
			fmt.Sprintf("user%02d@x.example", i),
			entra.OnDemandResult{Result: "Failure", ErrorCode: "Code", Reason: "why"},
		)
	}
	outcomes.add("in@x.example", entra.OnDemandResult{Result: "success"})
	outcomes.add("out@x.example", entra.OnDemandResult{Result: "Skipped"})
	outcomes.add("odd@x.example", entra.OnDemandResult{Result: "Warning", ErrorMessage: "odd"})
	var d diag.Diagnostics
	var told []string
	outcomes.report(func(e action.InvokeProgressEvent) { told = append(told, e.Message) }, &d)
	if got := strings.Join(told, "|"); !strings.HasPrefix(got, "Provisioned on demand: 1 of 15; failed 12 "+
		"(user00@x.example: Code: why; ") ||
		!strings.HasSuffix(got, "; and 2 more); skipped 2 (out@x.example: the service gives no reason; "+
			"odd@x.example: odd)") {
		t.Error(got)
	}
	if len(d) != 2 || d.ErrorsCount() != 1 || d.WarningsCount() != 1 {
		t.Fatal(d)
	}
	failed, skipped := d[0], d[1]
	if failed.Summary() != "Provisioning on demand failed for 12 of 15" ||
		strings.Count(failed.Detail(), "@x.example: Code: why") != 10 ||
		!strings.Contains(failed.Detail(), "\nand 2 more\n") ||
		!strings.Contains(failed.Detail(), "Provisioned: 1, skipped: 2") {
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

// An interrupt says who is done, of whom it isn't known, and who wasn't begun;
// nobody is uncertain whose request wasn't sent. Nothing is told afterwards.
func TestProvisionAll_Interrupted(t *testing.T) {
	for _, c := range []struct {
		name string
		// err is what the second subject's request ends with.
		err   error
		says  []string
		lacks string
	}{
		{"after the first", nil, []string{"Provisioned on demand: 2 of 3.", "Done: a, b.", "Not begun: c."}, "isn't known"},
		{"during the second", errors.New("cut"), []string{"Provisioned on demand: 1 of 3.", "Done: a.", "It isn't known whether b was provisioned", "Not begun: c."}, "Not begun: b"},
		{"before the second was sent", &entra.NotSentError{Operation: "x", Err: context.Canceled}, []string{"Done: a.", "Not begun: b, c."}, "isn't known"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			var d diag.Diagnostics
			var told []string
			provisionAll(ctx, []subject{{name: "a"}, {name: "b"}, {name: "c"}}, func(e action.InvokeProgressEvent) {
				if ctx.Err() != nil && c.err != nil {
					t.Errorf("after the interrupt it tells %q", e.Message)
				}
				told = append(told, e.Message)
			}, &d, func(s subject) (entra.OnDemandResult, error) {
				if s.name == "a" {
					return entra.OnDemandResult{Result: "Success"}, nil
				}
				interrupt()
				return entra.OnDemandResult{Result: "Success"}, c.err
			})
			if len(d) != 1 || d.ErrorsCount() != 1 || d[0].Summary() != "Provisioning on demand was interrupted" {
				t.Fatal(d)
			}
			for _, part := range c.says {
				if !strings.Contains(d[0].Detail(), part) {
					t.Errorf("%q isn't in %q", part, d[0].Detail())
				}
			}
			if strings.Contains(d[0].Detail(), c.lacks) {
				t.Errorf("%q is in %q", c.lacks, d[0].Detail())
			}
		})
	}
}
