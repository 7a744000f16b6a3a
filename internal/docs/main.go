// Command docs generates docs/: reference pages from the schemas by
// tfplugindocs, which is given the schema as JSON from the protocol server (it
// would download a CLI otherwise), and the page of reason codes from the list in
// the code. It makes CHANGELOG.md, too, from the notes in .changelog.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

func main() {
	tool := flag.String("tfplugindocs", "", "the tfplugindocs program")
	out := flag.String("out", "docs", "the folder to write")
	check := flag.Bool("check", false, "compare instead of writing")
	flag.Parse()
	if err := run(context.Background(), *tool, *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, tool, out string, check bool) error {
	work, err := os.MkdirTemp("", "usersync-docs-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	made, err := generate(ctx, tool, work)
	if err != nil {
		return err
	}
	changes, err := changelog(changelogDir)
	if err != nil {
		return err
	}
	if check {
		return errors.Join(compare(out, made), compareFile(changelogFile, changes))
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	return errors.Join(os.CopyFS(out, os.DirFS(made)), os.WriteFile(changelogFile, changes, 0o644))
}

const changelogFile = "CHANGELOG.md"

func compareFile(name string, want []byte) error {
	have, err := os.ReadFile(name)
	if err == nil && !bytes.Equal(have, want) {
		err = fmt.Errorf("%s is stale: run \"make docs\" and commit", name)
	}
	return err
}

// generate makes the pages in a folder below work.
func generate(ctx context.Context, tool, work string) (string, error) {
	schema, err := schemaJSON(ctx)
	if err != nil {
		return "", fmt.Errorf("reading the schemas: %w", err)
	}
	file := filepath.Join(work, "schema.json")
	if err := os.WriteFile(file, schema, 0o600); err != nil {
		return "", err
	}
	// tfplugindocs takes folders relative to the provider's, and writes there:
	// it gets a copy.
	tree := filepath.Join(work, "tree")
	for _, part := range []string{"examples", "templates"} {
		if err := os.CopyFS(filepath.Join(tree, part), os.DirFS(part)); err != nil {
			return "", err
		}
	}
	program, err := filepath.Abs(tool)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(
		ctx,
		program,
		"generate",
		"--provider-dir",
		tree,
		"--provider-name",
		"usersync",
		"--rendered-provider-name",
		"usersync",
		"--providers-schema",
		file,
		"--rendered-website-dir",
		"docs",
		"--website-source-dir",
		"templates",
	)
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("tfplugindocs: %w\n%s", err, text)
	}
	made := filepath.Join(tree, "docs")
	if err := begin(made); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Join(made, "guides"), 0o755); err != nil {
		return "", err
	}
	profiles, err := applicationProfiles()
	if err != nil {
		return "", err
	}
	guides := filepath.Join(made, "guides")
	return made, errors.Join(
		os.WriteFile(filepath.Join(guides, "reason-codes.md"), reasonCodes(), 0o644),
		os.WriteFile(filepath.Join(guides, "application-profiles.md"), profiles, 0o644),
	)
}

// compare fails where the folder differs from what was made.
func compare(have, made string) error {
	a, err := read(have)
	if err != nil {
		return err
	}
	b, err := read(made)
	if err != nil {
		return err
	}
	var stale []string
	for name, text := range b {
		if a[name] != text {
			stale = append(stale, name)
		}
	}
	for name := range a {
		if _, ok := b[name]; !ok {
			stale = append(stale, name+" (not made any more)")
		}
	}
	if len(stale) == 0 {
		return nil
	}
	slices.Sort(stale)
	return fmt.Errorf("docs/ is stale: run \"make docs\" and commit. Differing: %v", stale)
}

func read(dir string) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		rel, relErr := filepath.Rel(dir, path)
		files[filepath.ToSlash(rel)] = string(raw)
		return errors.Join(err, relErr)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return files, nil
	}
	return files, err
}
