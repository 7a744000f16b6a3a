package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

// besidePrevious measures first plans of this build and of another, in turn.
func (b *bench) besidePrevious(ctx context.Context, t *tenant, cli clitest.CLI) error {
	if b.previous == "" {
		return nil
	}
	dir := filepath.Join(t.dir, "previous")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	config, err := clitest.Mirror(dir, b.previous)
	if err != nil {
		return err
	}
	var both [2]measured
	for i, from := range []string{b.config, config} {
		w, err := workspace(ctx, cli, filepath.Join(dir, strconv.Itoa(i)), from, configuration(t, outcomeOf(t.users)))
		if err != nil {
			return err
		}
		if both[i], err = times(ctx, w, b.runsOf(t.users), "plan"); err != nil {
			return err
		}
	}
	b.ratio(t.users, firstPlan, "the build given by -previous", both[0], both[1])
	return nil
}

// cached measures a plan that asks only for what changed.
func (b *bench) cached(ctx context.Context, t *tenant, cli clitest.CLI) error {
	dir := filepath.Join(t.dir, "cached")
	text := strings.Replace(configuration(t, outcomeOf(t.users)), "  ca_file =",
		fmt.Sprintf("  cache_dir = %q\n  ca_file =", filepath.Join(dir, "cache")), 1)
	w, err := workspace(ctx, cli, dir, b.config, text)
	if err != nil {
		return err
	}
	mine, err := planned(ctx, w, b.runsOf(t.users))
	if err != nil {
		return err
	}
	_, theirs, err := b.besideStrings(ctx, w.Dir, filepath.Join(dir, "strings"), cli, b.runsOf(t.users))
	if err != nil {
		return err
	}
	b.compare(t.users, cli, cachedPlan, mine[2], theirs[2])
	return nil
}

// nothing measures what the provider costs before it does anything.
func (b *bench) nothing(ctx context.Context, t *tenant, cli clitest.CLI) error {
	text, _, _ := strings.Cut(configuration(t, ""), "data ")
	w, err := workspace(ctx, cli, filepath.Join(t.dir, "nothing"), b.config, text)
	if err != nil {
		return err
	}
	m, err := times(ctx, w, b.runs, "plan")
	if err != nil {
		return err
	}
	b.compare(t.users, cli, emptyPlan, m, measured{left: "there is nothing beside it"})
	return nil
}
