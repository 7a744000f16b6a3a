package directorytest

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// AdversarialText draws what a directory may hold in any string: quotes, control
// characters, markup, template markers, text direction, very long values, bytes
// that are no UTF-8.
func AdversarialText(t *rapid.T, label string) string {
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

// AdversarialTenant is a tenant whose every string is adversarial.
func AdversarialTenant(t *rapid.T) *World {
	w := New()
	for i := range w.Groups {
		w.Groups[i].MembershipRule = AdversarialText(t, "rule")
	}
	adversarialGroup := directory.GraphGroup{
		ID:              "g-x" + AdversarialText(t, "group id"),
		DisplayName:     AdversarialText(t, "group"),
		SecurityEnabled: true,
	}
	w.Groups = append(w.Groups, adversarialGroup)
	w.At("Staff").Members = append(
		w.At("Staff").Members,
		directory.GraphMember{Type: "group", ID: adversarialGroup.ID},
		directory.GraphMember{
			Type: AdversarialText(t, "type"),
			ID:   AdversarialText(t, "member"),
		},
		directory.GraphMember{Type: "user", ID: "gone" + AdversarialText(t, "gone")},
	)
	for i := range rapid.IntRange(1, 5).Draw(t, "users") {
		u := directory.User{
			ID: fmt.Sprintf(
				"u%d%s",
				i,
				AdversarialText(t, "id"),
			),
			UserPrincipalName: AdversarialText(t, "upn"),
			Mail:              AdversarialText(t, "mail"),
			OtherMails:        []string{AdversarialText(t, "other")},
			UserType: AdversarialText(
				t,
				"user type",
			),
			CreationType:      AdversarialText(t, "creation type"),
			ExternalUserState: AdversarialText(t, "state"),
			AccountEnabled:    directory.True,
		}
		if rapid.Bool().Draw(t, "address") {
			u.Mail = "x" + u.Mail + "@company.com"
		}
		w.User(u)
		at := rapid.SampledFrom([]int{0, 1, 2, 3}).Draw(t, "in")
		w.Groups[at].Members = append(w.Groups[at].Members, directory.GraphMember{Type: "user", ID: u.ID})
	}
	w.Claims[AdversarialText(t, "claim")] = AdversarialText(t, "status")
	w.Domains = append(w.Domains, directory.Domain{Name: AdversarialText(t, "domain"), IsVerified: true})
	return w
}
