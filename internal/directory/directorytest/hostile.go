package directorytest

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// HostileText draws what a directory may hold in any string: quotes, control
// characters, markup, template markers, text direction, very long values, bytes
// that are no UTF-8.
func HostileText(t *rapid.T, label string) string {
	part := rapid.SampledFrom([]string{
		`"`,
		`'`,
		"\\",
		"\x00",
		"\x1b[2J",
		"\r\n",
		"\t",
		"<script>alert(1)</script>",
		"<!--",
		"-->",
		"</details>",
		"| a | b |",
		"`",
		"${var.x}",
		"%{ if true }",
		"$${",
		"{{.}}",
		"\u202e",
		"\u2028",
		"\ufeff",
		"👩‍👩‍👧‍👦",
		"e\u0301",
		"@company.com",
		"@here",
		"#EXT#",
		"_",
		"#",
		"sync: guest",
		"; warning: ",
		"\xff\xfe",
		"\xed\xa0\x80",
		"a",
		"B",
		".",
		" ",
		"",
		"javascript:alert(1)",
		"[x](http://attacker.example)",
		strings.Repeat("long", 5000),
	})
	return strings.Join(rapid.SliceOfN(part, 0, 4).Draw(t, label), "")
}

// Hostile is a tenant whose every string is hostile.
func Hostile(t *rapid.T) *World {
	w := New()
	for i := range w.Groups {
		w.Groups[i].MembershipRule = HostileText(t, "rule")
	}
	hostileGroup := directory.GraphGroup{
		ID:              "g-x" + HostileText(t, "group id"),
		DisplayName:     HostileText(t, "group"),
		SecurityEnabled: true,
	}
	w.Groups = append(w.Groups, hostileGroup)
	w.At("Staff").Members = append(
		w.At("Staff").Members,
		directory.GraphMember{Type: "group", ID: hostileGroup.ID},
		directory.GraphMember{
			Type: HostileText(t, "type"),
			ID:   HostileText(t, "member"),
		},
		directory.GraphMember{Type: "user", ID: "gone" + HostileText(t, "gone")},
	)
	for i := range rapid.IntRange(1, 5).Draw(t, "users") {
		u := directory.User{
			ID: fmt.Sprintf(
				"u%d%s",
				i,
				HostileText(t, "id"),
			),
			UserPrincipalName: HostileText(t, "upn"),
			Mail:              HostileText(t, "mail"),
			OtherMails:        []string{HostileText(t, "other")},
			UserType: HostileText(
				t,
				"user type",
			),
			CreationType:      HostileText(t, "creation type"),
			ExternalUserState: HostileText(t, "state"),
			AccountEnabled:    directory.True,
		}
		if rapid.Bool().Draw(t, "address") {
			u.Mail = "x" + u.Mail + "@company.com"
		}
		w.User(u)
		at := rapid.SampledFrom([]int{0, 1, 2, 3}).Draw(t, "in")
		w.Groups[at].Members = append(w.Groups[at].Members, directory.GraphMember{Type: "user", ID: u.ID})
	}
	w.Claims[HostileText(t, "claim")] = HostileText(t, "status")
	w.Domains = append(w.Domains, directory.Domain{Name: HostileText(t, "domain"), IsVerified: true})
	return w
}
