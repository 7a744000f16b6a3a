package entra

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// applyDeltas ends a reading of the whole tenant: what changed since the links were
// given is applied, so that nobody is missing who moved from one range to
// another meanwhile. Where that isn't to be had, or the ranges have left
// somebody out, the chain is read to its end.
func (r *directoryRead) applyDeltas(ctx context.Context, users, groups *partitionedReader) error {
	if err := r.applyUserDelta(ctx, users); err != nil {
		return err
	}
	return r.applyGroupDelta(ctx, groups)
}

// applyUserDelta is applyDeltas for the users.
func (r *directoryRead) applyUserDelta(ctx context.Context, s *partitionedReader) error {
	if s.link == "" || r.usersLink == "" && !s.endedByRanges() {
		return nil
	}
	most := maxDeltaChanges(r.b.UserCount())
	round, link, err := r.client.readDelta(ctx, s.link, userChanges, NeedUsers, most)
	if err == nil {
		if err := r.applyUserRound(ctx, round); err != nil {
			return appliedInPart(ctx, err)
		}
	}
	return r.finishDelta(ctx, s, round, link, &r.usersLink, err)
}

// applyUserRound applies a round of users. Everybody in it may be back from the
// deleted, of whose memberships groups tell nothing: where the reading is kept,
// they are asked for.
func (r *directoryRead) applyUserRound(ctx context.Context, round *directory.Round) error {
	unresolved, err := r.b.ApplyUsers(round)
	if err != nil {
		return graph.ShapeError(userChanges, err)
	}
	if r.usersLink != "" {
		unresolved.Arrived = present(round.IDs(), r.b.HasUser)
	}
	return r.resolveDelta(ctx, unresolved, directory.Unresolved{}, nil)
}

func (r *directoryRead) applyGroupDelta(ctx context.Context, s *partitionedReader) error {
	if s.link == "" || r.groupsLink == "" && !s.endedByRanges() {
		return nil
	}
	most := maxDeltaChanges(r.b.UserCount() + r.b.GroupCount())
	round, link, err := r.client.readDelta(ctx, s.link, groupChanges, NeedGroups, most)
	if err == nil {
		if err := r.applyGroupRound(ctx, round); err != nil {
			return appliedInPart(ctx, err)
		}
	}
	if err := r.finishDelta(ctx, s, round, link, &r.groupsLink, err); err != nil {
		return err
	}
	if err := r.rereadMembers(ctx, r.lateGroups); err != nil {
		return appliedInPart(ctx, err)
	}
	return nil
}

func (r *directoryRead) applyGroupRound(ctx context.Context, round *directory.Round) error {
	unresolved, err := r.b.ApplyGroups(round)
	if err != nil {
		return graph.ShapeError(groupChanges, err)
	}
	if r.groupsLink != "" {
		unresolved.Arrived = present(round.IDs(), r.b.HasGroup)
	}
	return r.resolveDelta(ctx, directory.Unresolved{}, unresolved, nil)
}

// present are the objects that are there, of some ids.
func present(ids []string, has func(id string) bool) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !has(id) })
}

// errAppliedInPart says that the builder holds a round of which something couldn't be
// resolved: nothing that was read can be relied on.
var errAppliedInPart = errors.New("what changed while the tenant was read can't be followed")

// appliedInPart sorts failures of applying a round: some would only come again.
func appliedInPart(ctx context.Context, err error) error {
	if isFinal(ctx, err) {
		return err
	}
	return fmt.Errorf("%w: %w", errAppliedInPart, err)
}

// finishDelta takes the new link, or gives the link up and reads the chain to its
// end.
func (r *directoryRead) finishDelta(
	ctx context.Context, s *partitionedReader, round *directory.Round, link string, kept *string, err error,
) error {
	if ctx.Err() != nil || isProtocolViolation(err) {
		return err
	}
	if err != nil {
		*kept = "" // what can't be followed isn't kept
	} else if *kept != "" {
		*kept = link
	}
	if s.endedByRanges() && (err != nil || s.missedByRanges(round.Has) > 0) {
		return s.finishChain(ctx)
	}
	return nil
}

// maxDeltaChanges is how many changes of n objects are taken from delta. A page of
// changes holds about a fifth of a page of the list.
func maxDeltaChanges(n int) int { return max(minDeltaChanges, n/4) }
