package main

import (
	"fmt"
	"strings"
	"time"
)

//nolint:lll // Markdown, a paragraph a line
const intro = `# Figures of the benchmarks

This page is generated: don't edit it. Its command is ` + "`%s`" + `, which took %s on a machine with %s. The page for users is [Performance](../../docs/guides/performance.md).

` + "The tenants are made up: %s users, %s groups nested ten deep, five memberships a user on average, most users " +
	"in few groups and some in many, a few very large groups; fourteen properties are read of each user. The server " +
	"is the simulator, on the same machine: it takes its share of the cores. Times are seconds, minimum / median of " +
	"the runs; CPU is what the process itself used of all cores; memory is its peak, in MiB (of whole runs: the " +
	"provider's).\n\n"

// page is all that was measured.
func (b *bench) page() string {
	var out strings.Builder
	var sizes []string
	for _, n := range b.sizes {
		sizes = append(sizes, thousands(n))
	}
	fmt.Fprintf(
		&out,
		intro,
		b.command,
		time.Since(b.started).Round(time.Minute),
		machine(),
		strings.Join(sizes, ", "),
		thousands(b.groups),
	)
	b.goals(&out)
	b.ratioTable(&out)
	b.oursTable(&out)
	b.cliTable(&out)
	for _, f := range b.facts {
		out.WriteString("- " + f + "\n")
	}
	b.sdkTable(&out)
	b.leftOutList(&out)
	return out.String()
}

// oursTable is the first table: what the provider does in a plan, step by step.
func (b *bench) oursTable(out *strings.Builder) {
	out.WriteString("## Reading, deciding, writing\n\nEach run is a process of its own, except the engine's. \n\n| " +
		"users | what | seconds | CPU | MiB | requests | runs |\n| ---: | --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, r := range b.ours {
		requests := "–"
		if r.requests > 0 {
			requests = fmt.Sprint(r.requests)
		}
		fmt.Fprintf(
			out,
			"| %s | %s | %s | %s | %s | %s | %d |\n",
			thousands(r.users),
			r.what,
			r.measured,
			r.cores(),
			r.memory(),
			requests,
			len(r.seconds),
		)
	}
}

// cliTable is the second table: whole runs, beside those without the provider.
func (b *bench) cliTable(out *strings.Builder) {
	out.WriteString("\n## Whole runs of the CLI\n\nOne outcome over the whole tenant, with `show = \"skipped\"` " +
		"(beyond 100,000 users `\"summary\"`), " +
		"beside the same CLI with `terraform_data` resources that hold Strings of the sizes that the provider keeps: " +
		"what is more is the provider's, its reading included.\n\n| users | what | with the provider | Strings of " +
		"that size | more | provider's CPU | MiB |\n| ---: | --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, r := range b.cli {
		more := "–"
		if r.ours.ok() && r.theirs.ok() {
			more = seconds(r.ours.median() - r.theirs.median())
		}
		fmt.Fprintf(
			out,
			"| %s | %s | %s | %s | %s | %s | %s |\n",
			thousands(r.users),
			r.what,
			r.ours,
			r.theirs,
			more,
			r.ours.cores(),
			r.ours.memory(),
		)
	}
	out.WriteString("\n")
}

// ratioTable is what is held against what: CPU alone, which other work on the machine
// changes less than it changes time.
func (b *bench) ratioTable(out *strings.Builder) {
	out.WriteString("## Beside the least that must be done\n\nA bare client fetches what the reading fetched, " +
		"unpacks " +
		"it and throws it away. CPU in seconds.\n\n| users | what | CPU | beside | CPU | times as much |\n" +
		"| ---: | --- | ---: | --- | ---: | ---: |\n")
	for _, r := range b.ratios {
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %.1f |\n", thousands(r.users), r.what, r.ours.cores(), r.beside,
			r.theirs.cores(), median(r.ours.cpu)/median(r.theirs.cpu))
	}
	out.WriteString("\n")
}

// sdkTable is the third table: the SDK's own page iterator.
func (b *bench) sdkTable(out *strings.Builder) {
	out.WriteString("\n## Beside the SDK's page iterator\n\nThe same users, groups and members, read with " +
		"`PageIterator` of msgraph-sdk-go-core over the typed models of msgraph-sdk-go (`tools/sdkbaseline`), one " +
		"collection after another.\n\n| users | what | provider | MiB | SDK | MiB | requests | SDK's | times as fast " +
		"|\n| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, r := range b.sdk {
		faster := "–"
		if r.ours.ok() && r.theirs.ok() {
			faster = fmt.Sprintf("%.1f", r.theirs.median()/r.ours.median())
		}
		fmt.Fprintf(
			out,
			"| %s | %s | %s | %s | %s | %s | %d | %d | %s |\n",
			thousands(r.users),
			r.what,
			r.ours,
			r.ours.memory(),
			r.theirs,
			r.theirs.memory(),
			r.ours.requests,
			r.theirs.requests,
			faster,
		)
	}
}

// leftOutList says why something is left out, once for each reason.
func (b *bench) leftOutList(out *strings.Builder) {
	why := map[string]bool{}
	for _, r := range b.ours {
		why[r.left] = true
	}
	for _, r := range append(append([]compared{}, b.cli...), b.sdk...) {
		why[r.ours.left], why[r.theirs.left] = true, true
	}
	delete(why, "")
	if len(why) == 0 {
		return
	}
	out.WriteString("\n## Left out\n\n")
	for _, reason := range sorted(why) {
		out.WriteString("- Measurements marked so: " + reason + ".\n")
	}
	out.WriteString("\nAt a million users, `show = \"all\"` isn't measured: the message between provider and CLI " +
		"would pass its limit of 256 MiB, which the provider refuses with an error of its own.\n")
}

// thousands writes 100000 as 100,000.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
