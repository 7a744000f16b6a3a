package simulator

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
func (s *Server) PutWeb(name, path, content string) error {
	if naming.HostName(name) == "" {
		return fmt.Errorf("a file needs the name of a host")
	}
	s.settleClaims()
	s.dns.mu.Lock()
	defer s.dns.mu.Unlock()
	at := naming.HostName(name) + "/" + strings.TrimPrefix(cmp.Or(path, proofFile), "/")
	if s.dns.files[at] = content; content == "" {
		delete(s.dns.files, at)
	}
	return nil
}

// RemoveWeb takes every file of a host away.
func (s *Server) RemoveWeb(name string) error {
	s.settleClaims()
	s.dns.mu.Lock()
	defer s.dns.mu.Unlock()
	before := len(s.dns.files)
	maps.DeleteFunc(s.dns.files, func(at, _ string) bool { return strings.HasPrefix(at, naming.HostName(name)+"/") })
	if len(s.dns.files) == before {
		return fmt.Errorf("%q has no files", name)
	}
	return nil
}

// Web lists the simulated web.
func (s *Server) Web() []WebFile {
	s.dns.mu.Lock()
	defer s.dns.mu.Unlock()
	out := []WebFile{}
	for _, at := range slices.Sorted(maps.Keys(s.dns.files)) {
		host, path, _ := strings.Cut(at, "/")
		out = append(out, WebFile{host, "/" + path, s.dns.files[at]})
	}
	return out
}

func (s *Server) webFile(name, path string) string {
	s.dns.mu.Lock()
	defer s.dns.mu.Unlock()
	return s.dns.files[naming.HostName(name)+path]
}

func putWeb(c *call) error {
	var in WebFile
	if err := c.decode(&in); err != nil {
		return err
	}
	return c.srv.PutWeb(in.Name, in.Path, in.Content)
}
