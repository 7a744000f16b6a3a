package session

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// Declared is an organization that the configuration describes: an
// administrator reads its verified domains off the screen, and no API is asked.
type Declared struct {
	// OrganizationID may be "".
	OrganizationID string
	// VerifiedDomains are in ASCII form.
	VerifiedDomains []string
}

// Parts say what is read of an organization beside its domains.
type Parts struct{ Accounts, SCIMRecords bool }

// organizationWanted is an organization by its key, with accounts or without.
type organizationWanted struct {
	key      string
	accounts bool
}

func (w organizationWanted) serves(o organizationWanted) bool {
	return w.key == o.key && (w.accounts || !o.accounts)
}

type readOrganization struct {
	*directory.Organization
	info Info
}

// OrganizationKeys are the keys of all organizations, ascending.
func (s *Session) OrganizationKeys(ctx context.Context) ([]string, error) {
	keys := slices.Collect(maps.Keys(s.setup.Declared))
	if !s.offline() {
		keys = append(keys, slices.Collect(maps.Keys(s.setup.Organizations))...)
		return slices.Sorted(slices.Values(keys)), nil
	}
	snap, err := s.snapshot(ctx, nil)
	if err != nil {
		return nil, err
	}
	keys = append(keys, snap.OrganizationKeys()...)
	return slices.Compact(slices.Sorted(slices.Values(keys))), nil
}

// OrganizationKey resolves the key of an organization: "" is the only one.
func (s *Session) OrganizationKey(ctx context.Context, key string) (string, error) {
	keys, err := s.OrganizationKeys(ctx)
	if err != nil {
		return "", err
	}
	switch {
	case len(keys) == 0 && s.offline():
		return "", &tfutil.NotConfiguredError{
			Problem: "The snapshot " + s.setup.SnapshotFile + " has no organizations",
			Advice:  "Record it with an organization configured, or add one under \"organizations\".",
		}
	case len(keys) == 0:
		return "", &tfutil.NotConfiguredError{
			Problem: "No Atlassian organization is configured",
			Advice: "Set organizations in the provider block, or the variables ATLASSIAN_ORGANIZATION_ID and " +
				"ATLASSIAN_API_KEY.",
		}
	case key == "" && len(keys) == 1:
		return keys[0], nil
	case key == "":
		return "", &tfutil.NotConfiguredError{
			Problem: "Several Atlassian organizations are configured, and \"organization\" doesn't say which is meant",
			Advice:  "Set organization to one of: " + strings.Join(keys, ", ") + ".",
		}
	case !slices.Contains(keys, key):
		return "", &tfutil.NotConfiguredError{
			Problem: fmt.Sprintf("There is no organization %q", key),
			Advice:  "The keys are: " + strings.Join(keys, ", ") + ".",
		}
	}
	return key, nil
}

// Organization reads an organization by its key.
func (s *Session) Organization(ctx context.Context, key string, parts Parts) (*directory.Organization, Info, error) {
	if err := s.known(); err != nil {
		return nil, Info{}, err
	}
	if declared, ok := s.setup.Declared[key]; ok {
		o, err := declared.organization(key, parts)
		return o, Info{Source: SourceDeclared}, err
	}
	o, info, err := s.organization(ctx, key, parts.Accounts)
	if err == nil && parts.SCIMRecords {
		o.Records, err = s.records(ctx, key)
	}
	if err != nil {
		return nil, Info{}, err
	}
	return o, info, nil
}

// organization reads domains, and accounts where they are asked for. The caller
// may change what it gets.
func (s *Session) organization(ctx context.Context, key string, accounts bool) (*directory.Organization, Info, error) {
	if s.offline() {
		snap, err := s.snapshot(ctx, nil)
		if err != nil {
			return nil, Info{}, err
		}
		o, err := snap.Organization(key, accounts)
		if err != nil {
			return nil, Info{}, err
		}
		out := *o
		info := Info{ReadAt: snap.OrganizationTakenAt(key), Source: SourceSnapshot}
		return &out, info, s.fresh(info.ReadAt)
	}
	read, err := s.organizations.once(ctx, organizationWanted{key, accounts},
		func(ctx context.Context) (readOrganization, error) {
			o, info, err := s.readOrganization(ctx, key, accounts)
			return readOrganization{o, info}, err
		})
	if err != nil {
		return nil, Info{}, err
	}
	out := *read.Organization
	if !accounts {
		out.AccountsCovered, out.Accounts, out.Groups = false, nil, nil
	}
	info := read.info
	what := fmt.Sprintf("The API key of the organization %q", key)
	if summary, detail := tfutil.Expiry(what, s.setup.KeysExpireOn[key], s.Now()); summary != "" {
		info.Warnings = append(slices.Clone(info.Warnings), Warning{summary, detail})
	}
	return &out, info, nil
}

func (s *Session) readOrganization(
	ctx context.Context, key string, accounts bool,
) (*directory.Organization, Info, error) {
	c, err := s.Atlassian(key)
	if err != nil {
		return nil, Info{}, err
	}
	recorder := s.recorder()
	o, err := c.ReadOrganization(ctx, accounts, recorder)
	if err != nil {
		return nil, Info{}, err
	}
	info := Info{Source: SourceLive, ReadAt: s.now()}
	return o, info, s.record(ctx, recorder, s.tenantID(), info.ReadAt)
}

// records reads the SCIM directory, which must be there.
func (s *Session) records(ctx context.Context, key string) (*directory.SCIMDirectory, error) {
	if s.offline() {
		snap, err := s.snapshot(ctx, nil)
		if err != nil {
			return nil, err
		}
		return snap.SCIM(key)
	}
	records, err := s.SCIM(ctx, key)
	if err == nil && records == nil {
		err = &tfutil.NotConfiguredError{
			Problem: fmt.Sprintf("The organization %q has no SCIM directory configured", key),
			Advice: "Set scim_directory_id and scim_token of the organization in the provider block, or leave " +
				"scim_records out. " + tfutil.OrganizationKeysAdvice(),
		}
	}
	return records, err
}

// organization is the declared organization as one that was read.
func (d Declared) organization(key string, parts Parts) (*directory.Organization, error) {
	switch {
	case parts.Accounts:
		return nil, declaredError(key, "accounts and groups", "leave accounts out")
	case parts.SCIMRecords:
		return nil, declaredError(key, "SCIM records", "leave scim_records out")
	}
	o := &directory.Organization{ID: d.OrganizationID}
	for _, name := range d.VerifiedDomains {
		o.Domains = append(
			o.Domains,
			directory.Claim{Name: name, Type: SourceDeclared, Status: directory.ClaimVerified},
		)
	}
	o.Sort()
	return o, nil
}

// declaredError says what a declared organization lacks.
func declaredError(key, what, otherwise string) error {
	return &tfutil.NotConfiguredError{
		Problem: fmt.Sprintf("The organization %q is declared by its verified_domains, without an API key, so that "+
			"its %s can't be read", key, what),
		Advice: "Give it organization_id and api_key in place of verified_domains, or " + otherwise + ".",
	}
}
