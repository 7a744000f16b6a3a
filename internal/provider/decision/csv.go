package decision

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// csvHeader is the first line of a CSV of decisions: that it is one of ours shows
// in it, so that a later one may replace the file.
var csvHeader = []string{"user", "id", "verdict", "code", "account", "decision", "groups"}

// CSV are the decisions of an outcome as RFC 4180 has them, a line for each row,
// ascending by object id. With ids nobody is named.
func CSV(o *outcome.Outcome, ids bool) (string, error) {
	var b strings.Builder
	w := csv.NewWriter(&b)
	lines := [][]string{csvHeader}
	for i := range o.Rows {
		r := &o.Rows[i]
		groups := make([]string, 0, len(o.Sets[r.Set]))
		for _, g := range o.Sets[r.Set] {
			groups = append(groups, o.Groups[g].Name)
		}
		lines = append(lines, []string{
			cell(r.Shown(ids)), r.ID, r.Verdict.String(), r.Code, r.Account.String(),
			cell(r.Text), cell(strings.Join(groups, "; ")),
		})
	}
	err := w.WriteAll(lines) // flushes
	return b.String(), err
}

// cell is a text on one line that no spreadsheet takes for a formula.
func cell(s string) string {
	s = text.Plain(s)
	if strings.HasPrefix(strings.TrimLeft(s, " "), "=") || strings.ContainsAny(s[:min(len(s), 1)], "+-@") {
		return "'" + s
	}
	return s
}

// IsCSV refuses a file that is no CSV of decisions.
func IsCSV(content io.Reader) error {
	line, err := bufio.NewReader(io.LimitReader(content, 1<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimRight(line, "\r\n") != strings.Join(csvHeader, ",") {
		return errors.New("it isn't a CSV of this provider's decisions")
	}
	return nil
}
