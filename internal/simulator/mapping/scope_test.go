package mapping

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// The vectors of scoping filters [expressions 9]: every one as it says.
func TestScopingVectors(t *testing.T) {
	file, err := os.Open("testdata/scoping.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	many := 0
	for lines := bufio.NewScanner(file); lines.Scan(); many++ {
		var v struct {
			ID         string
			Filter     rawjson.Object
			Attributes map[string]json.RawMessage
			Expect     json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		values := map[string]Value{}
		for name, raw := range v.Attributes {
			values[name] = FromJSON(string(raw))
		}
		got := EvaluateScope(v.Filter, values, false)
		switch {
		case strings.HasPrefix(string(v.Expect), "{"):
			if got.Err == nil {
				t.Errorf("%s: no error", v.ID)
			}
		case got.Err != nil || got.Filter != (string(v.Expect) == "true"):
			t.Errorf("%s: %v %v, want %s", v.ID, got.Filter, got.Err, v.Expect)
		}
	}
	if many < 40 {
		t.Errorf("%d vectors", many)
	}
}

// NOT EQUALS on null is a switch, and always holds on input, for the service's own filter's sake.
func TestNotEqualsOnNull(t *testing.T) {
	groups := []any{rawjson.Object{"name": "g", "clauses": []any{rawjson.Object{
		"sourceOperandName": "userState", "operatorName": "NOT EQUALS",
		"targetOperand": rawjson.Object{"values": []any{"PendingAcceptance"}},
	}}}}
	for _, x := range []struct {
		kind         string
		onNull, want bool
	}{{"groups", false, false}, {"groups", true, true}, {"inputFilterGroups", false, true}} {
		v := EvaluateScope(rawjson.Object{x.kind: groups}, map[string]Value{}, x.onNull)
		assert.Equal(t, x.kind, v.Filter, x.want)
	}
}

// Null passes the negative operators on input, where Microsoft's own filters rely on it, and not in what people write;
// & and !& look at the bits of integers [expressions 6].
func TestScopeOnNullAndBits(t *testing.T) {
	clause := func(operator, operand string) []any {
		target := rawjson.Object{"values": []any{operand}}
		return []any{rawjson.Object{"name": "g", "clauses": []any{rawjson.Object{
			"sourceOperandName": "a", "operatorName": operator, "targetOperand": target,
		}}}}
	}
	for _, operator := range []string{"NOT EQUALS", "IS FALSE", "NOT REGEX MATCH", "!&"} {
		for kind, want := range map[string]bool{"inputFilterGroups": true, "groups": false} {
			got := EvaluateScope(rawjson.Object{kind: clause(operator, "1")}, map[string]Value{}, false)
			assert.Equal(t, operator+" on null in "+kind, got.Err == nil && got.Filter, want)
		}
	}
	for _, x := range []struct {
		operator, value, operand string
		want                     bool
	}{
		{"&", "-2147483646", "-2147483648", true}, {"&", "2", "-2147483648", false},
		{"!&", "6", "1", true}, {"!&", "7", "1", false}, {"&", "12", "4", true},
	} {
		got := EvaluateScope(
			rawjson.Object{"groups": clause(x.operator, x.operand)}, map[string]Value{"a": TextValue(x.value)}, false,
		)
		if got.Err != nil {
			t.Error(got.Err)
		}
		assert.Equal(t, x.value+" "+x.operator+" "+x.operand, got.Filter, x.want)
	}
	for _, operator := range []string{"PRESENT", "IsMemberOf", "VALID CERT MATCH"} {
		got := EvaluateScope(
			rawjson.Object{"groups": clause(operator, "1")},
			map[string]Value{"a": TextValue("1")},
			false,
		)
		if got.Err == nil {
			t.Errorf("%s is evaluated", operator)
		}
	}
}
