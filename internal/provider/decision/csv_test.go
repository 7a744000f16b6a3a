package decision

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
)

func TestCSV(t *testing.T) {
	o := &outcome.Outcome{
		Rows: []outcome.Row{
			{
				ID:      "1",
				Name:    "ann@company.com",
				Verdict: decision.Sync,
				Code:    "domain_verified",
				Text:    "sync: domain_verified (company.com, managed)",
				Account: decision.Managed,
				Set:     1,
			},
			{ID: "2", Name: "=cmd|'/c calc'!A1", Verdict: decision.Skip, Code: "guest", Text: "skip,\n\"guest\""},
			{ID: "3", Name: "+49@company.com", Verdict: decision.Unknown, Code: "x", Text: "-1"},
		},
		Groups: []outcome.Group{{Name: "Sales"}, {Name: "@All"}},
		Sets:   [][]int32{nil, {1, 0}},
	}
	text, err := CSV(o, false)
	if err != nil || IsCSV(strings.NewReader(text)) != nil {
		t.Fatal(err, text)
	}
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(lines) != 4 {
		t.Fatal(err, lines)
	}
	for i, want := range []string{
		"ann@company.com|1|sync|domain_verified|managed|sync: domain_verified (company.com, managed)|'@All; Sales",
		"'=cmd|'/c calc'!A1|2|skip|guest||skip, \"guest\"|",
		"'+49@company.com|3|unknown|x||'-1|",
	} {
		if got := strings.Join(lines[i+1], "|"); got != want {
			t.Errorf("line %d: got %q, want %q", i+1, got, want)
		}
	}
	if ids, err := CSV(o, true); err != nil || strings.Contains(ids, "ann@") || strings.Contains(ids, "cmd") {
		t.Errorf("by ids: got %s, %v", ids, err)
	}
	for _, other := range []string{"", "user,id\n", "a,b,c\n1,2,3\n", "terraform {}\n"} {
		if IsCSV(strings.NewReader(other)) == nil {
			t.Errorf("%q is taken for a CSV of ours", other)
		}
	}
}

// match and show limit who is listed, in decisions and CSV alike; what is counted
// is whole.
func TestDecisions_Read_Match(t *testing.T) {
	c := offline(t)
	whole, _ := c.ReadData(decisionsName, providertest.Nested("show", "all"))
	match := map[string]any{"home_domains": []string{"fabrikam.example"}}
	some, said := c.ReadData(decisionsName, providertest.Nested("show", "all", "match", match))
	providertest.Wants(t, "read", said)
	listed := decisionsOf(t, some)
	if len(listed) == 0 || len(listed) >= len(decisionsOf(t, whole)) {
		t.Errorf("got %d of %d users", len(listed), len(decisionsOf(t, whole)))
	}
	for who := range listed {
		if !strings.Contains(who, "fabrikam.example") {
			t.Errorf("%s is listed", who)
		}
	}
	if some.Text("fingerprint") != whole.Text("fingerprint") ||
		some.Get("summary.users") != whole.Get("summary.users") ||
		some.Text("groups") != whole.Text("groups") {
		t.Error("counts, groups or fingerprint aren't those of everybody")
	}
	for name, s := range map[string]providertest.State{"everybody": whole, "some": some} {
		lines, err := csv.NewReader(strings.NewReader(s.Text("csv"))).ReadAll()
		if err != nil || len(lines)-1 != len(decisionsOf(t, s)) {
			t.Errorf("%s: got %d lines, %v, want %d", name, len(lines)-1, err, len(decisionsOf(t, s)))
		}
	}
	filter := map[string]any{"any_of": []any{map[string]any{"all_of": []any{
		map[string]any{"attribute": "jobTitle", "operator": "EQUALS", "values": []string{"Buyer"}},
	}}}}
	_, said = c.ReadData(decisionsName, providertest.Nested("match", map[string]any{"filter": filter}))
	providertest.Wants(t, "an attribute that isn't read", said, "ERROR (directory_attributes): Attributes not "+
		"read", `add "jobTitle"`)
	_, said = c.ReadData(decisionsName, providertest.Nested("match", map[string]any{"groups": []string{"Nobody"}}))
	providertest.Wants(t, "a group that isn't there", said, "ERROR (match)", "match.groups", "Nobody")
}

// Of each reason at most twenty users are listed, the first by object id.
func TestFirstOfReasons(t *testing.T) {
	o := &outcome.Outcome{
		Rows: []outcome.Row{{ID: "1", Code: "a"}, {ID: "2", Code: "b"}, {ID: "3", Code: "a"}, {ID: "4", Code: "a"}},
	}
	var got []string
	for _, r := range firstOfReasons(o, 2).Rows {
		got = append(got, r.ID)
	}
	if want := "1 2 3"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
