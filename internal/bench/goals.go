package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// goalUsers are those of the tenant that most goals are about.
const goalUsers = 100_000

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

// goals says which goals are met [CONTRIBUTING: Rules of speed].
func (b *bench) goals(out *strings.Builder) {
	out.WriteString("## Goals\n\n| goal | measured | |\n| --- | --- | --- |\n")
	line := func(goal string, have bool, measured string, met bool) {
		verdict := "met"
		switch {
		case !have:
			measured, verdict = "not measured", "–"
		case !met:
			verdict = "missed"
		}
		fmt.Fprintf(out, "| %s | %s | %s |\n", goal, measured, verdict)
	}
	engine := b.find(1_000_000, "engine")
	line("1,000,000 users decided in a second", engine.ok(), engine.String()+" s", engine.ok() && engine.median() <= 1)
	for _, r := range b.ratios {
		if r.users == goalUsers && r.what == readCPU {
			times := median(r.ours.cpu) / median(r.theirs.cpu)
			line("100,000 users: a live read takes at most twice the CPU of a bare client", true,
				fmt.Sprintf("%.1f times", times), times <= 2)
		}
	}
	for _, r := range b.cli {
		if !r.ours.ok() || len(r.ours.cpu) == 0 {
			continue
		}
		switch what, _, _ := strings.Cut(r.what, " ("); {
		case r.users == goalUsers && what == firstPlan:
			line("100,000 users: "+r.what+", at most 1.5 s of the provider's CPU", r.ours.cpu[0] > 0,
				r.ours.cores()+" s", median(r.ours.cpu) <= 1.5)
			line("100,000 users: "+r.what+", the provider under 350 MB", r.ours.peak > 0,
				r.ours.memory()+" MiB", r.ours.peak < 350_000_000)
		case r.users == goalUsers && what == cachedPlan && r.theirs.ok():
			more := r.ours.median() - r.theirs.median()
			line("100,000 users: "+r.what+", within 0.3 s of Strings of that size", true, seconds(more)+" s more",
				more <= 0.3)
		case what == emptyPlan:
			line(r.what+", at most 0.2 s of the provider's CPU", r.ours.cpu[0] > 0, r.ours.cores()+" s",
				median(r.ours.cpu) <= 0.2)
		case r.users == 1_000_000:
			line("1,000,000 users: "+r.what+", the provider under 2.5 GB", r.ours.peak > 0,
				r.ours.memory()+" MiB", r.ours.peak < 2_500_000_000)
		}
	}
	for _, what := range []string{"engine", "snapshot read", "live read, 0 ms"} {
		small, large := b.find(10_000, what), b.find(1_000_000, what)
		ratio := 0.0
		if small.ok() && large.ok() {
			ratio = large.min() / small.min()
		}
		// A hundred times the users: half as much again is for caches that a small tenant fits in.
		line("linear from 10,000 to 1,000,000 users: "+what, ratio > 0, fmt.Sprintf("%.0f times as long for 100 "+
			"times the users", ratio), ratio <= 150)
	}
	out.WriteString("\n")
}

// find is the first measurement of ours whose name begins so.
func (b *bench) find(users int, what string) measured {
	for _, r := range b.ours {
		if r.users == users && strings.HasPrefix(r.what, what) {
			return r.measured
		}
	}
	return measured{left: "it wasn't run"}
}
