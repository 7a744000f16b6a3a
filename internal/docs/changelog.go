package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// changeKinds are the kinds of change, in the order of the page, by their names
// in the form of HashiCorp's go-changelog.
var changeKinds = []struct{ name, title string }{
	{
		"breaking-change",
		"Breaking changes",
	},
	{"security", "Security"},
	{"deprecation", "Deprecations"},
	{"feature", "Features"},
	{"enhancement", "Enhancements"},
	{"bug", "Bugs"},
	{"note", "Notes"},
}

const (
	changelogDir = ".changelog"
	unreleased   = "unreleased"
)

var note = regexp.MustCompile("(?s)```release-note:([a-z-]+)\n(.*?)\n```")

// changelog makes CHANGELOG.md from the files of each release.
func changelog(dir string) ([]byte, error) {
	releases, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(releases, func(a, b os.DirEntry) int { return slices.Compare(rank(b.Name()), rank(a.Name())) })
	var b bytes.Buffer
	b.WriteString("# Changelog\n")
	for _, r := range releases {
		title := r.Name()
		if title == unreleased {
			title = "Unreleased"
		}
		fmt.Fprintf(&b, "\n## %s\n", title)
		notes, err := notesOf(filepath.Join(dir, r.Name()))
		if err != nil {
			return nil, err
		}
		for _, k := range changeKinds {
			if len(notes[k.name]) > 0 {
				fmt.Fprintf(&b, "\n%s\n\n%s", k.title, strings.Join(notes[k.name], ""))
			}
		}
	}
	return b.Bytes(), nil
}

// rank orders releases: what isn't released yet is the newest.
func rank(release string) []int {
	if release == unreleased {
		return []int{1 << 30}
	}
	var out []int
	for part := range strings.SplitSeq(release, ".") {
		n, _ := strconv.Atoi(part) // what is no number is the oldest
		out = append(out, n)
	}
	return out
}

// notesOf are the notes of one release by kind, by the names of their files.
func notesOf(dir string) (map[string][]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(files) == 0 {
		return nil, cmp.Or(err, fmt.Errorf("%s has no notes", dir))
	}
	out := map[string][]string{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		found := note.FindAllStringSubmatch(string(raw), -1)
		if len(found) == 0 || strings.TrimSpace(note.ReplaceAllString(string(raw), "")) != "" {
			return nil, fmt.Errorf("%s: expected blocks ```release-note:kind and nothing else", file)
		}
		for _, f := range found {
			if !slices.ContainsFunc(changeKinds, func(k struct{ name, title string }) bool { return k.name == f[1] }) {
				return nil, fmt.Errorf("%s: there is no kind of change %q", file, f[1])
			}
			out[f[1]] = append(out[f[1]], "- "+strings.Join(strings.Fields(f[2]), " ")+"\n")
		}
	}
	return out, nil
}
