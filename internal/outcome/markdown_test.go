package outcome

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

func TestMarkdownIsEscapedAndBounded(t *testing.T) {
	w := directorytest.New()
	w.Group("Evil | <img src=x> @team `x` [a](b)\n# h", "")
	w.Nest("Staff", "Evil | <img src=x> @team `x` [a](b)\n# h")
	a := Of(decide(t, w, request()), nil)
	for i := range 3000 {
		u := directorytest.External("p@fabrikam.com", decision.TypeGuest)
		u.UserPrincipalName = "nasty|<b>@x\u202e\n" + strings.Repeat(
			"long",
			30,
		) + string(
			rune('a'+i%26),
		) + strings.Repeat(
			"z",
			i%7,
		) + "_fabrikam.com#EXT#@c"
		u.Mail = strings.Repeat("m", 1+i%60) + string(rune('a'+i%26)) + strings.Repeat("n", i/60) + "@fabrikam.com"
		w.User(u, "Staff")
	}
	r := decide(t, w, request())
	p := Of(r, a)
	md := Compare(a, p, p, Compared{Directory: r.Directory}).Markdown(SeverityAuto, nil, []string{"*"}, false)
	if n := len([]rune(md)); n > 60_000 || n < 1000 {
		t.Errorf("%d characters", n)
	}
	for _, bad := range []string{"<img", "<b>", "\u202e", "](b)", "@x"} {
		if strings.Contains(md, bad) {
			t.Errorf("unescaped %q", bad)
		}
	}
	if !strings.Contains(md, "more.") ||
		!strings.HasSuffix(strings.TrimSpace(md), "users") && !strings.Contains(md, "</details>") {
		t.Error("what didn't fit isn't counted")
	}
}
