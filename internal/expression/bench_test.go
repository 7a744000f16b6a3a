package expression

import (
	"fmt"
	"testing"
	"time"
)

// typicalMappings are the kinds of expressions that tenants map with.
var typicalMappings = []string{
	`[userPrincipalName]`,
	`"Member"`,
	`Coalesce([mail], [userPrincipalName])`,
	`Join(" ", [givenName], [surname])`,
	`Not([IsSoftDeleted])`,
	`Switch([IsSoftDeleted], , "False", "True", "True", "False")`,
	`ToLower(Join("@", NormalizeDiacritics(StripSpaces(Join(".", [givenName], [surname]))), "contoso.com"))`,
	`Append(Mid([givenName], 1, 3), Mid([surname], 1, 5))`,
	`Replace([mail], "@contoso.com", , , "", , )`,
	`Replace([telephoneNumber], , "[()\\s-]+", , "", , )`,
	`Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>.*)", , "${phoneNumber}", , )`,
	`IIF([country]="USA", [state], [department])`,
	`Switch([state], "Australia/Sydney", "NSW", "Australia/Sydney", "QLD", "Australia/Brisbane", "SA", "Australia/Adelaide")`,
	`IgnoreFlowIfNullOrEmpty([department])`,
	`PCase([surname])`,
	`FormatDateTime([employeeHireDate], , "yyyy-MM-dd", "dd.MM.yyyy")`,
	`IIF(DateDiff("d", Now(), CDate([employeeHireDate])) <= 14, "True", "False")`,
	`Join(", ", [surname], [givenName])`,
	`IIF(BitAnd([userAccountControl], 2) = 2, "False", "True")`,
	`Item(Split([extensionAttribute5], ","), 1)`,
}

var benchAttributes = []string{
	"userPrincipalName",
	"mail",
	"givenName",
	"surname",
	"IsSoftDeleted",
	"telephoneNumber",
	"country",
	"state",
	"department",
	"employeeHireDate",
	"userAccountControl",
	"extensionAttribute5",
}

const benchUsers = 100_000

// syntheticUsers are made anew for each run, the same each time.
func syntheticUsers(n int) []Row {
	given := []string{"Ada", "José", "Zoë", "Grace", "Jürgen", "Linus"}
	family := []string{"LOVELACE", "García-López", "van der Berg", "Hopper", "Müller", "O'Connor"}
	states := []string{"NSW", "QLD", "SA", "VIC"}
	rows := make([]Row, n)
	for i := range rows {
		g, f := given[i%len(given)], family[i/7%len(family)]
		mail := TextValue(fmt.Sprintf("user%d@contoso.com", i))
		if i%5 == 0 {
			mail = Null()
		}
		department := TextValue("Department " + fmt.Sprint(i%40))
		if i%11 == 0 {
			department = Null()
		}
		rows[i] = Row{
			TextValue(fmt.Sprintf("user%d@fabrikam.com", i)),
			mail,
			TextValue(g),
			TextValue(f),
			TextValue(boolText(i%50 == 0)),
			TextValue(
				fmt.Sprintf("+1 (555) %03d-%04d", i%1000, i%10000),
			),
			TextValue([]string{"USA", "Norway"}[i%2]),
			TextValue(states[i%4]),
			department,
			TextValue(fmt.Sprintf("2025-%02d-%02d", 1+i%12, 1+i%28)),
			IntValue(int64(512 + i%3)),
			TextValue("one, two, three"),
		}
	}
	return rows
}

var benchEnv = &Env{Now: time.Date(2025, 7, 30, 0, 0, 0, 0, time.UTC)}

// BenchmarkMappings evaluates each of 20 mappings for 100,000 users; an
// iteration is one evaluation.
func BenchmarkMappings(b *testing.B) {
	rows := syntheticUsers(benchUsers)
	for _, src := range typicalMappings {
		prog, err := MustParse(src).Compile(Context{Attributes: benchAttributes})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(src, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if _, err := prog.Eval(rows[i], benchEnv); err != nil {
					b.Fatal(err)
				}
				if i++; i == len(rows) {
					i = 0
				}
			}
		})
	}
}

// BenchmarkAll evaluates all 20 mappings for all 100,000 users in an
// iteration, and reports the cost of one evaluation; beside it the same with
// each expression parsed and compiled for each user, over fewer users.
func BenchmarkAll(b *testing.B) {
	rows := syntheticUsers(benchUsers)
	b.Run("compiled", func(b *testing.B) {
		var progs []*Program
		for _, src := range typicalMappings {
			prog, err := MustParse(src).Compile(Context{Attributes: benchAttributes})
			if err != nil {
				b.Fatal(err)
			}
			progs = append(progs, prog)
		}
		b.ReportAllocs()
		for b.Loop() {
			for _, row := range rows {
				for _, prog := range progs {
					if _, err := prog.Eval(row, benchEnv); err != nil {
						b.Fatal(err)
					}
				}
			}
		}
		perEvaluation(b, len(rows)*len(progs))
	})
	b.Run("parsed each time", func(b *testing.B) {
		few := rows[:1000]
		b.ReportAllocs()
		for b.Loop() {
			for _, row := range few {
				for _, src := range typicalMappings {
					prog, err := MustParse(src).Compile(Context{Attributes: benchAttributes})
					if err != nil {
						b.Fatal(err)
					}
					if _, err := prog.Eval(row, benchEnv); err != nil {
						b.Fatal(err)
					}
				}
			}
		}
		perEvaluation(b, len(few)*len(typicalMappings))
	})
}

func perEvaluation(b *testing.B, evaluations int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(evaluations), "ns/eval")
}
