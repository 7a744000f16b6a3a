package main

import (
	"context"
	"strings"
	"testing"
)

// A chapter that isn't there is answered with those that are, before anything is started.
func TestRun_unknownChapter(t *testing.T) {
	err := run(context.Background(), "no provider", t.TempDir(), "domain")
	if err == nil || !strings.Contains(err.Error(), "CHAPTER=all") || !strings.Contains(err.Error(), "domains") {
		t.Errorf("got %v", err)
	}
}

// Each chapter has a name of its own, and says what it is about.
func TestChapters(t *testing.T) {
	seen := map[string]bool{all: true}
	for _, c := range chapters {
		if seen[c.name] || c.about == "" || len(c.tell) == 0 {
			t.Errorf("chapter %q: taken, or without a word of what it tells", c.name)
		}
		seen[c.name] = true
	}
	if !seen[story] {
		t.Errorf("there is no chapter %q, which is told unless another is named", story)
	}
}
