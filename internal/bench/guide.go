package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

//nolint:lll // Markdown, a paragraph a line
const guideIntro = `---
page_title: "Performance"
subcategory: ""
description: |-
  What to expect of plans of large tenants, and what to set.
---

# Performance

What a plan of one outcome over the whole tenant takes, with 1,000 nested groups, measured by ` + "`%s`" + ` on a machine with %s. The tenant was simulated on the same machine and answered at once: Microsoft Graph doesn't, so read *requests* beside the time.

| users | first plan | plan, nothing changed | provider's memory | requests a plan |
| ---: | ---: | ---: | ---: | ---: |
`

//nolint:lll // Markdown, a paragraph a line
const guideRest = `
Requests go out side by side, up to twenty at once, and fewer while Graph asks for patience. At 200 ms a request, %s users are read in %s.

Of Atlassian, domains are read page by page. Where accounts are read, a request brings a hundred accounts, a hundred groups, or a hundred members of one group: 10,000 accounts and 500 small groups take some 600 requests, four at once. SCIM records come a hundred at a time, too.

## What to set

| if | set |
| --- | --- |
| plans run often | ` + "`cache_dir`" + ` in the provider block: a plan then asks Graph only for what changed since the last. Keep the folder between runs, and protect it like the state: [Personal data](personal-data.md) says what is in it |
| more than 100,000 users are in scope | ` + "`show = \"summary\"`" + ` in the outcome. Lists of a million people pass the limit of 256 MiB that Terraform has for one message; the plan then says so, and what to narrow |
| only some groups matter | ` + "`groups = [\"…\"]`" + ` in ` + "`usersync_directory`" + `: what isn't below them isn't read |
| attributes are read that nothing looks at | a shorter ` + "`attributes`" + `: each is one more property of everybody |
| several resources use one tenant | the same ` + "`data.usersync_directory`" + `: a tenant is read once in a plan, whoever asks |
| the machine is small | nothing: memory grows with the users as the table says, and no setting trades it for time |

Each figure and what it is compared with: ` + "`internal/bench/FIGURES.md`" + ` in the repository.
`

// guide is the page for users.
func (b *bench) guide() string {
	var out strings.Builder
	fmt.Fprintf(&out, guideIntro, b.command, machine())
	for _, n := range b.sizes {
		cli := b.clis[0]
		first, unchanged := b.whole(n, firstPlan, cli), b.whole(n, unchangedPlan, cli)
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %d |\n", thousands(n), about(first), about(unchanged),
			megabytes(max(first.peak, unchanged.peak)), b.find(n, "live read, 0 ms").requests)
	}
	cached := b.whole(b.middle(), cachedPlan, b.clis[0])
	if cached.ok() {
		fmt.Fprintf(&out, "| %s, with `cache_dir` | | %s | %s | |\n", thousands(b.middle()), about(cached),
			megabytes(cached.peak))
	}
	fmt.Fprintf(&out, guideRest, thousands(b.middle()), about(b.find(b.middle(), "live read, 200 ms")))
	return out.String()
}

// whole is a run of a CLI.
func (b *bench) whole(users int, what string, cli clitest.CLI) measured {
	for _, r := range b.cli {
		if r.users == users && r.what == named(what, cli) {
			return r.ours
		}
	}
	return measured{left: "it wasn't run"}
}

// about is a time as people say it.
func about(m measured) string {
	if !m.ok() {
		return "not measured"
	}
	if s := m.median(); s >= 1 {
		return fmt.Sprintf("%.0f s", math.Round(s))
	}
	return "under 1 s"
}

func megabytes(n int) string {
	if n == 0 {
		return "not measured"
	}
	const step = 10_000_000
	return fmt.Sprintf("%s MB", thousands((n+step-1)/step*10))
}
