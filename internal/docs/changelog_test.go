package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Releases come newest first, kinds and files in their order; what is no note
// is an error that names its file.
func TestChangelog(t *testing.T) {
	write := func(t *testing.T, dir, name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	block := func(kind, text string) string { return "```release-note:" + kind + "\n" + text + "\n```\n" }
	dir := t.TempDir()
	write(t, dir, "0.9.0/1.txt", block("bug", "old"))
	write(t, dir, "0.10.0/2.txt", block("bug", "second\nline"))
	write(t, dir, "0.10.0/1.txt", block("bug", "first")+"\n"+block("breaking-change", "breaks"))
	write(t, dir, "unreleased/1.txt", block("feature", "new"))
	got, err := changelog(dir)
	want := "# Changelog\n\n## Unreleased\n\nFeatures\n\n- new\n\n## 0.10.0\n\nBreaking changes\n\n- " +
		"breaks\n\nBugs\n\n- first\n- second line\n\n## 0.9.0\n\nBugs\n\n- old\n"
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
	for text, says := range map[string]string{"plain": "expected blocks", block("fix", "x"): `no kind of change "fix"`, block("bug", "x") + "more": "expected blocks"} {
		bad := t.TempDir()
		write(t, bad, "unreleased/wrong.txt", text)
		if _, err := changelog(
			bad,
		); err == nil || !strings.Contains(err.Error(), says) ||
			!strings.Contains(err.Error(), "wrong.txt") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
