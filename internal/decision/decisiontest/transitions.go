package decisiontest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
	"github.com/usersync/terraform-provider-usersync/internal/golden"
)

// What a SCIM target may hold of one user: each list is one thing by itself, and the
// table of transitions has each with each. A mail is the address that is sent now; the
// address before is old@company.com.
const oldAddress = "old@company.com"

var recordStates = []struct {
	name string
	of   func(mail string) *directory.SCIMUser
}{
	{"no record", func(string) *directory.SCIMUser { return nil }},
	{"own record", func(mail string) *directory.SCIMUser { return stateOf("ann@company.com", mail, true, "a") }},
	{
		"own record, inactive",
		func(mail string) *directory.SCIMUser { return stateOf("ann@company.com", mail, false, "a") },
	},
	{
		"own record, old address",
		func(string) *directory.SCIMUser { return stateOf("ann@company.com", oldAddress, true, "a") },
	},
	{"own record, old address, inactive", func(string) *directory.SCIMUser {
		return stateOf("ann@company.com", oldAddress, false, "a")
	}},
	{
		"own record, not linked",
		func(mail string) *directory.SCIMUser { return stateOf("ann@company.com", mail, true, "") },
	},
	{
		"another's record",
		func(mail string) *directory.SCIMUser { return stateOf("other@company.com", mail, true, "x") },
	},
}

func stateOf(userName, email string, active bool, account string) *directory.SCIMUser {
	rec := record(userName, account)
	rec.Emails, rec.Active = []string{email}, active
	return &rec
}

var accountStates = []struct {
	name string
	of   func(mail string) []directory.Account
}{
	{"no account", func(string) []directory.Account { return nil }},
	{"own", func(mail string) []directory.Account { return []directory.Account{account("a", mail)} }},
	{
		"own, unmanaged",
		func(mail string) []directory.Account { return []directory.Account{account("a", mail, unclaimed)} },
	},
	{
		"own, deactivated",
		func(mail string) []directory.Account { return []directory.Account{account("a", mail, inactive)} },
	},
	{"own, unmanaged and deactivated", func(mail string) []directory.Account {
		return []directory.Account{account("a", mail, unclaimed, inactive)}
	}},
	{"own, deactivated and up for deletion", func(mail string) []directory.Account {
		return []directory.Account{account("a", mail, inactive, leaving)}
	}},
	{
		"own, suspended",
		func(mail string) []directory.Account { return []directory.Account{account("a", mail, suspended)} },
	},
	{"own, old address", func(string) []directory.Account { return []directory.Account{account("a", oldAddress)} }},
	{"another's", func(mail string) []directory.Account {
		return []directory.Account{account("a", oldAddress), account("x", mail)}
	}},
}

var basisStates = []struct {
	name string
	of   func(mail string, hash uint32) *decision.Basis
}{
	{"nothing known", func(string, uint32) *decision.Basis { return nil }},
	{"linked", func(mail string, hash uint32) *decision.Basis {
		return &decision.Basis{Link: held.Linked, Account: reason.Managed, Address: mail, Sent: hash}
	}},
	{"linked, sent something else", func(mail string, hash uint32) *decision.Basis {
		return &decision.Basis{Link: held.Linked, Account: reason.Managed, Address: mail, Sent: hash + 1}
	}},
	{"linked, old address", func(_ string, hash uint32) *decision.Basis {
		return &decision.Basis{Link: held.Linked, Account: reason.Managed, Address: oldAddress, Sent: hash + 1}
	}},
	{"linked, external, old address", func(_ string, hash uint32) *decision.Basis {
		return &decision.Basis{Link: held.Linked, Account: reason.External, Address: oldAddress, Sent: hash + 1}
	}},
	{"linked, inactive", func(mail string, hash uint32) *decision.Basis {
		return &decision.Basis{
			Link:     held.Linked,
			Account:  reason.Managed,
			Address:  mail,
			Sent:     hash,
			Inactive: true,
		}
	}},
	{"perhaps to be unlinked", func(mail string, hash uint32) *decision.Basis {
		return &decision.Basis{Link: held.Unsure, Account: reason.External, Address: mail, Sent: hash + 1}
	}},
	{"not linked", func(_ string, hash uint32) *decision.Basis {
		return &decision.Basis{Link: held.NotLinked, Account: reason.External, Address: oldAddress, Sent: hash + 1}
	}},
}

// serviceStates are how the service writes.
var serviceStates = []struct {
	name    string
	mapping func(gallery string) string
	ask     func(q *decision.Request)
	user    func(u *directory.User)
}{
	{name: "all actions"},
	{name: "no create", mapping: func(m string) string { return strings.Replace(m, "Add, ", "", 1) }},
	{name: "no update", mapping: func(m string) string { return strings.Replace(m, "Update, ", "", 1) }},
	{
		name:    "active isn't mapped",
		mapping: func(m string) string { return strings.Replace(m, `"active"`, `"title"`, 1) },
	},
	{name: "a restart", ask: func(q *decision.Request) { q.Running = true }},
	{name: "disabled", user: func(u *directory.User) { u.AccountEnabled = directory.False }},
	{name: "without mail", user: func(u *directory.User) { u.Mail = "" }},
}

// transitions is what becomes of one user for all that the target may hold of them and
// all that may be known of before: as tables, to be read by people. What is as with
// all actions isn't written again.
func transitions(t *testing.T) {
	usual := map[string]string{}
	for i, service := range serviceStates {
		var lines []line
		for _, mail := range []string{"ann@company.com", "ann@new.example"} {
			u := directorytest.Employee("ann@company.com")
			u.Mail = mail
			if service.user != nil {
				service.user(&u)
			}
			m := directorytest.Gallery(t)
			if service.mapping != nil {
				m = service.mapping(m)
			}
			w := directorytest.SCIM(t, m)
			w.User(u, "Staff")
			q := scimRequest()
			if service.ask != nil {
				service.ask(&q)
			}
			for _, x := range transitionsOf(t, w, q, mail, i == 0) {
				at := x.block + ": " + x.cell
				if i == 0 {
					usual[at] = x.is
				}
				if i == 0 || usual[at] != x.is {
					lines = append(lines, x)
				}
			}
		}
		t.Run(service.name, func(t *testing.T) { golden.Text(t, "transitions, "+service.name, told(lines)) })
	}
}

// line is one line of the table: where it stands, and what comes of it.
type line struct{ block, cell, is string }

// told groups the lines of a block that come to the same.
func told(lines []line) string {
	var b strings.Builder
	for i := 0; i < len(lines); i++ {
		x := lines[i]
		if i == 0 || lines[i-1].block != x.block {
			fmt.Fprintf(&b, "\n== %s\n", x.block)
		}
		cells := x.cell
		for i+1 < len(lines) && lines[i+1].block == x.block && lines[i+1].is == x.is {
			i++
			cells += " | " + lines[i].cell
		}
		fmt.Fprintf(&b, "%s: %s\n", cells, x.is)
	}
	return b.String()
}

func transitionsOf(t *testing.T, w *directorytest.World, q decision.Request, mail string, all bool) (lines []line) {
	covered, hash := engineOf(t, w, q).Covered(), sentHash(t, w, q)
	for _, before := range basisStates {
		basis := before.of(mail, hash)
		history := decision.History{Covered: covered, User: func(string) *decision.Basis { return basis }}
		add := func(rec string, r *directory.SCIMUser, read bool) {
			for i, acc := range accountNames() {
				if !all && i%2 != 0 {
					continue
				}
				lines = append(lines, line{
					fmt.Sprintf("mail %s, %s, %s", mail, before.name, rec), acc,
					transition(t, w, q, history, hash, r, read, acc, mail),
				})
			}
		}
		add("records not read", nil, false)
		for _, rec := range recordStates {
			add(rec.name, rec.of(mail), true)
		}
	}
	return lines
}

func accountNames() []string {
	names := []string{"accounts not read"}
	for _, a := range accountStates {
		names = append(names, a.name)
	}
	return names
}

// transition decides one line.
func transition(t *testing.T, w *directorytest.World, q decision.Request, history decision.History, hash uint32,
	rec *directory.SCIMUser, read bool, acc, mail string,
) string {
	w.Records, w.Accounts = nil, nil
	if read {
		w.Records = &directory.SCIMDirectory{}
		if rec != nil {
			w.Records.Users = []directory.SCIMUser{*rec}
		}
	}
	for _, a := range accountStates {
		if a.name == acc {
			w.Accounts = append([]directory.Account{}, a.of(mail)...)
		}
	}
	r := engineAfter(t, w, q, history).Decide()
	e := r.Explain(0)
	x := r.Expect(0)
	return fmt.Sprintf("%s, %s -> %s", e.Text, e.Action, expected(x, hash))
}

// expected is what is expected of the target after the plan.
func expected(x decision.Basis, hash uint32) string {
	if x == (decision.Basis{}) {
		return "nothing"
	}
	s := []string{
		map[held.Link]string{0: "no link", 1: "linked", 2: "not linked", 3: "perhaps to be unlinked"}[x.Link],
		x.Account.String(),
		x.Address,
	}
	if x.Inactive {
		s = append(s, "inactive")
	}
	if x.Read {
		s = append(s, "read")
	}
	switch x.Sent {
	case 0:
		s = append(s, "sent not known")
	case hash:
	default:
		s = append(s, "sent something else")
	}
	return strings.Join(s, " ")
}

// sentHash is the hash of what the job sends of the one user, whatever its actions
// are; 0 where it sends nothing.
func sentHash(t *testing.T, w *directorytest.World, q decision.Request) uint32 {
	all := *w
	all.Records, all.Accounts, all.Jobs = nil, nil, directorytest.SCIM(t, "").Jobs
	return decide(t, &all, q).Expect(0).Sent
}
