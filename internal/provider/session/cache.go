package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/cache"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
)

// The reading of a whole tenant is kept in cache_dir where that is set, and
// brought up to date by what changed since. A reading that is limited to
// groups is always live: a member of whom the application can read nothing but
// the id is unreadable there, while in the whole tenant the list of users tells
// of them; so it would depend on the cache which of the two came out. Nor is a
// record made from what was kept: it holds what the service answered.

// readWhole reads the whole tenant, from what was kept where that can be.
func (s *Session) readWhole(
	ctx context.Context, c *entra.Client, attributes []string,
) (*directory.Directory, Info, error) {
	live := func(warnings ...Warning) (*directory.Directory, Info, error) {
		d, err := c.ReadDirectory(ctx, entra.ReadOptions{Attributes: attributes})
		return d, Info{Source: SourceLive, Warnings: warnings}, err
	}
	if s.setup.CacheDir == "" || s.wroteUsers() {
		return live()
	}
	scope, err := c.Scope(ctx)
	if err != nil {
		return nil, Info{}, err
	}
	entry, err := s.entry(c, scope, attributes)
	if errors.Is(err, cache.ErrBusy) {
		return live() // another plan has it: it isn't waited for
	}
	if err != nil {
		return live(unused(err))
	}
	defer func() { _ = entry.Release() }() // the end of the process does it, too
	return s.throughCache(ctx, c, entry, attributes)
}

func unused(err error) Warning {
	return cacheWarning(fmt.Sprintf("The tenant was read without cache_dir, as a whole: "+
		"%s.", strings.TrimSuffix(err.Error(), ".")))
}

func cacheWarning(detail string) Warning { return Warning{"The cache isn't used", detail} }

// entry is the place of what is kept of this tenant, for these attributes.
func (s *Session) entry(c *entra.Client, scope string, attributes []string) (*cache.Entry, error) {
	folder, err := cache.Open(s.setup.CacheDir)
	if err != nil {
		return nil, err
	}
	return folder.Take(c.TenantID(), strings.Join(append([]string{scope}, attributes...), "\n"))
}

// throughCache brings what was kept up to date, or reads everything, and keeps
// what came out. What can't be kept any longer is dropped first, so that a run
// that dies on the way leaves nothing wrong.
func (s *Session) throughCache(
	ctx context.Context, c *entra.Client, entry *cache.Entry, attributes []string,
) (*directory.Directory, Info, error) {
	d, kept, err := s.fromCache(ctx, c, entry, attributes)
	info := Info{Source: SourceCache}
	var dropped error
	if errors.Is(err, entra.ErrStale) {
		info.Source, dropped = SourceLive, entry.Drop()
		d, kept, err = c.ReadForCache(ctx, attributes, s.Now().UTC())
	}
	if err != nil {
		return nil, Info{}, err
	}
	if err := errors.Join(dropped, save(entry, kept)); err != nil {
		info.Warnings = []Warning{cacheWarning(fmt.Sprintf("What was read isn't kept in cache_dir: %s.", err))}
	}
	return d, info, nil
}

// fromCache is entra.ErrStale where everything has to be read.
func (s *Session) fromCache(
	ctx context.Context, c *entra.Client, entry *cache.Entry, attributes []string,
) (*directory.Directory, *entra.CacheEntry, error) {
	raw := entry.Load()
	if raw == nil {
		return nil, nil, entra.ErrStale
	}
	kept, err := c.DecodeCacheEntry(raw, attributes, s.Now())
	if err != nil {
		return nil, nil, err
	}
	d, err := c.Refresh(ctx, kept)
	return d, kept, err
}

func save(entry *cache.Entry, kept *entra.CacheEntry) error {
	if kept == nil {
		return nil
	}
	raw, err := kept.Pack()
	if err != nil {
		return err
	}
	return entry.Save(raw)
}

// ForgetUsers is Forget after a change of users. What was kept goes with it:
// delta may lag behind a write longer than the list that was waited for
// [graph 6, D], and would show the next plan the old value.
// Until the end of this process the tenant is read live.
func (s *Session) ForgetUsers() {
	s.Forget()
	s.mu.Lock()
	c := s.entra
	s.changedUsers = true
	s.mu.Unlock()
	if s.setup.CacheDir == "" || c == nil {
		return
	}
	if folder, err := cache.Open(s.setup.CacheDir); err == nil {
		_ = folder.DropGroup(c.TenantID()) // a file that can't be removed can't be opened either
	}
}

func (s *Session) wroteUsers() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changedUsers
}

// attributeNames are sorted and made unique, so that equal sets are equal.
func attributeNames(list []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}
