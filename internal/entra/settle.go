package entra

import (
	"context"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// settle ends a reading of the whole tenant: what changed since the links were
// given is applied, so that nobody is missing who moved from one range to
// another meanwhile. Where that isn't to be had, or the ranges have left
// somebody out, the chain is read to its end.
func (r *read) settle(ctx context.Context, users, groups *survey) error {
	if err := r.settleUsers(ctx, users); err != nil {
		return err
	}
	return r.settleGroups(ctx, groups)
}

// settleUsers is settle for the users.
func (r *read) settleUsers(ctx context.Context, s *survey) error {
	if s.link == "" || r.usersLink == "" && !s.byRanges() {
		return nil
	}
	round, link, err := r.c.round(ctx, s.link, "asking for changes of users", NeedUsers, r.worthFollowing(r.b.UserCount()))
	if err == nil {
		err = r.changeUsers(ctx, round)
	}
	return r.settled(ctx, s, round, link, &r.usersLink, err)
}

// changeUsers applies a round of users. Everybody in it may be back from the
// deleted, of whose memberships groups tell nothing: where the reading is kept,
// they are asked for.
func (r *read) changeUsers(ctx context.Context, round *directory.Round) error {
	news, err := r.b.ApplyUsers(round)
	if err != nil {
		return shapeError("asking for changes of users", err)
	}
	if r.usersLink != "" {
		news.Arrived = present(round, r.b.HasUser)
	}
	return r.follow(ctx, news, directory.News{}, nil)
}

func (r *read) settleGroups(ctx context.Context, s *survey) error {
	if s.link == "" || r.groupsLink == "" && !s.byRanges() {
		return nil
	}
	round, link, err := r.c.round(ctx, s.link, "asking for changes of groups", NeedGroups, r.worthFollowing(r.b.UserCount()+r.b.GroupCount()))
	if err == nil {
		err = r.changeGroups(ctx, round)
	}
	return r.settled(ctx, s, round, link, &r.groupsLink, err)
}

func (r *read) changeGroups(ctx context.Context, round *directory.Round) error {
	news, err := r.b.ApplyGroups(round)
	if err != nil {
		return shapeError("asking for changes of groups", err)
	}
	if r.groupsLink != "" {
		news.Arrived = present(round, r.b.HasGroup)
	}
	return r.follow(ctx, directory.News{}, news, nil)
}

// present are the objects of a round that are there.
func present(round *directory.Round, has func(id string) bool) []string {
	return slices.DeleteFunc(slices.Clone(round.IDs()), func(id string) bool { return !has(id) })
}

// settled takes the new link, or gives the link up and reads the chain to its
// end.
func (r *read) settled(ctx context.Context, s *survey, round *directory.Round, link string, kept *string, err error) error {
	if ctx.Err() != nil || hostile(err) {
		return err
	}
	if err != nil {
		*kept = "" // what can't be followed isn't kept
	} else if *kept != "" {
		*kept = link
	}
	if s.byRanges() && (err != nil || s.strays(round.Has) > 0) {
		return s.finish(ctx)
	}
	return nil
}

// worthFollowing is how many changes of n objects are followed. A page of
// changes holds about a fifth of a page of the list.
func (r *read) worthFollowing(n int) int { return max(leastFollowed, n/4) }
