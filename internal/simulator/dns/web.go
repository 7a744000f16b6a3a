package dns

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
)

// WebFile is a file of the simulated web, which is looked into for proofs of ownership.
type WebFile struct {
	Name    string `json:"name"` // of the host
	Path    string `json:"path"` // default: Atlassian's, /atlassian-domain-verification.html
	Content string `json:"content"`
}

// PutWeb puts a file on the simulated web, or takes it away where the content is empty. An empty path is that
// of Atlassian's proof.
func (s *Zone) PutWeb(name, path, content string) error {
	if naming.HostName(name) == "" {
		return fmt.Errorf("a file needs the name of a host")
	}
	s.BeforeChange()
	s.mu.Lock()
	defer s.mu.Unlock()
	at := naming.HostName(name) + "/" + strings.TrimPrefix(cmp.Or(path, defaultFile), "/")
	if s.files[at] = content; content == "" {
		delete(s.files, at)
	}
	return nil
}

// RemoveWeb takes every file of a host away.
func (s *Zone) RemoveWeb(name string) error {
	s.BeforeChange()
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.files)
	maps.DeleteFunc(s.files, func(at, _ string) bool { return strings.HasPrefix(at, naming.HostName(name)+"/") })
	if len(s.files) == before {
		return fmt.Errorf("%q has no files", name)
	}
	return nil
}

// Web lists the simulated web.
func (s *Zone) Web() []WebFile {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []WebFile{}
	for _, at := range slices.Sorted(maps.Keys(s.files)) {
		host, path, _ := strings.Cut(at, "/")
		out = append(out, WebFile{host, "/" + path, s.files[at]})
	}
	return out
}

// WebFile is a file's content, "" where there is none.
func (s *Zone) WebFile(name, path string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files[naming.HostName(name)+path]
}

// defaultFile is where Atlassian looks for its proof.
const defaultFile = "/atlassian-domain-verification.html"
