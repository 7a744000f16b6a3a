package usertype

import (
	"fmt"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Matched gives whom a match fits, ascending, and the groups whose members can't
// all be read. The error is a *RuleError.
func Matched(m *Match, d *directory.Directory, l *directory.Lookup) (users []int32, unreadable []string, err error) {
	c, err := m.compile(d, &names{lookup: l, meant: decision.Resolved{}}, -1)
	if err != nil {
		return nil, nil, err
	}
	for i := range int32(len(d.Users)) {
		ok, err := c.match(i)
		if err != nil {
			return nil, nil, &RuleError{
				-1,
				"match.filter",
				fmt.Errorf("%s: %w", text.Plain(d.Users[i].UserPrincipalName), err),
			}
		}
		if ok {
			users = append(users, i)
		}
	}
	return users, c.unreadable, nil
}

// RecordTypes gives the types of whom a match fits, by object id. The error is a
// *RuleError.
func RecordTypes(m *Match, d *directory.Directory, l *directory.Lookup) (map[string]string, []string, error) {
	users, unreadable, err := Matched(m, d, l)
	if err != nil {
		return nil, nil, err
	}
	out := map[string]string{}
	for _, i := range users {
		if t := d.Users[i].UserType; t != "" {
			out[d.Users[i].ID] = t
		}
	}
	return out, unreadable, nil
}
