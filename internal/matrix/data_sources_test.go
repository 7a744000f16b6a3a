package matrix

import "fmt"

// exampleUser syncs.
const exampleUser = "amara.okafor@company.com"

// data is a data source named "this".
func data(kind, lines string) string {
	return fmt.Sprintf("data %q \"this\" {\n%s\n}\n", kind, lines)
}
