package entra

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// Reading a collection side by side.
//
// Pages are a chain: each names the next. So a collection that turns out to be
// large is divided into ranges of a property, whose chains are read at once. The
// chain of the whole rests meanwhile: where the service refuses the ranges, or
// they turn out to have left somebody out, it is taken up again.
//
// Objects move while this goes on. One whose property changes can leave a range
// that isn't read yet for one that is. So before the first range is asked for,
// delta is asked for a link that tells what changes from now on, and in the end
// what it told is applied. Without such a link there are no ranges. The cost is
// two requests, and none for what fits into a few pages.

// pagesAlone is after how many pages of the chain ranges are begun. Up to that
// the detour costs more than it saves.
const pagesAlone = 3

// patience is how long a page may take, on average, for the chain to be fast
// enough: from the next room, ranges cost more than they save.
const patience = 50 * time.Millisecond

// worthwhile reports whether dividing a range of which so many pages were read
// into parts saves at least three round trips. How long its chain goes on isn't
// known; as long again is the best guess, and the pages read so far are read
// again.
func worthwhile(pages, parts int) bool {
	return parts > 1 && pages-(2*pages+parts-1)/parts-1 >= 3
}

// listing is a collection that can be read side by side.
type listing struct {
	path     string
	query    url.Values
	property string // that ranges are of
	doing    string
	need     Need
	// take decodes a page and calls seen for each object.
	take func(page []byte, seen func(id, key string)) error
	// latest asks for the link that tells what changes from now on.
	latest func(ctx context.Context) (link string, err error)
}

func (l *listing) address(lo, hi string) string {
	q := l.query
	if f := rangeFilter(l.property, lo, hi); f != "" {
		q = withFilter(q, f)
	}
	return l.path + "?" + encode(q)
}

// survey is one reading of a collection.
type survey struct {
	c    *Client
	l    *listing
	link string // of delta, from before the first range

	mu      sync.Mutex
	changed chan struct{}
	root    *span
	spans   []*span
	// ranged are the ids that came in ranges, chained those that came in the
	// chain of the whole alone.
	ranged, chained map[string]bool
	began           time.Time
	useful, waste   int // pages that brought something new, and that didn't
	ranges          rangesState
	err             error
	stop            context.CancelFunc
}

// rangesState is whether ranges may be asked for.
type rangesState int

const (
	rangesLater rangesState = iota // the collection may be small
	rangesAsking
	rangesGranted
	rangesRefused
)

// survey reads a collection. link is delta's, "" where it has to be asked for.
func (c *Client) survey(ctx context.Context, l *listing, link string, alone bool) (*survey, error) {
	s := &survey{c: c, l: l, began: c.now(), link: link, changed: make(chan struct{}), root: newSpan(nil, "", "", l.address("", "")), ranged: map[string]bool{}, chained: map[string]bool{}}
	s.spans = []*span{s.root}
	if alone || c.alone {
		s.ranges = rangesRefused
	}
	working, stop := context.WithCancel(ctx)
	defer stop()
	s.stop = stop
	var g errgroup.Group
	for range mostAtOnce {
		g.Go(func() error { s.work(working); return nil })
	}
	_ = g.Wait()
	if s.err == nil && !s.root.read() {
		s.err = ctx.Err()
	}
	return s, s.err
}

// byRanges reports whether the ranges ended the reading, not the chain.
func (s *survey) byRanges() bool { return s.root.next != "" }

// strays are objects of the chain that the ranges should have brought and
// didn't, unless a change explains it.
func (s *survey) strays(explained func(id string) bool) int {
	n := 0
	for id := range s.chained {
		if !explained(id) {
			n++
		}
	}
	return n
}

// finish reads the chain of the whole to its end, where the ranges can't be
// relied on.
func (s *survey) finish(ctx context.Context) error {
	for s.root.next != "" {
		if err := s.c.gate.enter(ctx); err != nil {
			return err
		}
		err := s.page(ctx, s.root)
		s.c.gate.leave()
		if err != nil {
			return err
		}
	}
	return nil
}

// work reads pages until the survey is done.
func (s *survey) work(ctx context.Context) {
	for {
		if s.c.gate.enter(ctx) != nil {
			return
		}
		do, changed := s.pick()
		if do != nil {
			do(ctx)
		}
		s.c.gate.leave()
		if do == nil {
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
		}
	}
}

// pick finds something to do, nil where there is nothing at present.
func (s *survey) pick() (do func(context.Context), changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil || s.root.read() {
		s.stop()
		return nil, s.changed
	}
	switch {
	case s.ranges != rangesLater || s.root.pages < pagesAlone:
	case s.c.now().Sub(s.began) < s.c.patience*time.Duration(s.root.pages):
	case s.link != "":
		s.ranges = rangesGranted
	default:
		s.ranges = rangesAsking
		return s.ask, s.changed
	}
	if s.ranges == rangesGranted && len(s.root.kids) == 0 {
		s.divide()
	}
	at := s.idle()
	if at == nil && s.ranges == rangesGranted && s.divide() {
		at = s.idle()
	}
	if at == nil {
		return nil, s.changed
	}
	return s.reading(at), s.changed
}

// idle is a span with a page that nobody reads.
func (s *survey) idle() *span {
	for _, at := range s.spans {
		if !at.busy && at.next != "" && len(at.kids) == 0 && at.needed() {
			return at
		}
	}
	return nil
}

// divide divides the range of which the most was read. What was read of it is
// read again, and its own chain ends there; so there is an end to it where it
// brings too little.
func (s *survey) divide() bool {
	free := s.c.gate.places()
	best := s.root
	for _, at := range s.spans {
		if at.busy {
			free--
		}
		if len(at.kids) == 0 && !at.whole && at.pages > 0 && at.needed() && (best == s.root || at.pages >= best.pages) {
			best = at
		}
	}
	switch {
	case best == s.root && (len(best.kids) > 0 || best.whole):
		return false
	case best != s.root && (!worthwhile(best.pages, free) || s.waste > mostAtOnce+s.useful/2):
		return false
	case !best.divide(max(2, free), s.l.address):
		return s.divide()
	}
	s.spans = append(s.spans, best.kids...)
	return true
}

// ask gets the link of delta; without it the chain goes on alone.
func (s *survey) ask(ctx context.Context) {
	link, err := s.l.latest(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.stir()
	switch {
	case hostile(err):
		s.fail(err)
	case err != nil:
		s.ranges = rangesRefused
	default:
		s.link, s.ranges = link, rangesGranted
	}
}

// reading marks a span as busy and gives what reads its next page.
func (s *survey) reading(at *span) func(context.Context) {
	at.busy = true
	return func(ctx context.Context) {
		err := s.page(ctx, at)
		s.mu.Lock()
		defer s.mu.Unlock()
		defer s.stir()
		at.busy = false
		switch {
		case err == nil || !at.needed():
		case at != s.root && (declined(err) || s.ranges == rangesRefused && !hostile(err)):
			// A range was refused: the chain of the whole goes on alone.
			s.ranges = rangesRefused
			s.spans, s.root.kids = s.spans[:1], nil
		default:
			s.fail(err)
		}
	}
}

func (s *survey) fail(err error) {
	if s.err == nil {
		s.err = err
	}
	s.stop()
}

// stir has the idle workers look again.
func (s *survey) stir() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// page reads one page of a span.
func (s *survey) page(ctx context.Context, at *span) error {
	a, err := s.c.do(ctx, call{method: http.MethodGet, url: at.next, doing: s.l.doing, need: s.l.need})
	if err != nil {
		return err
	}
	p, err := decodePage(a.body)
	if err != nil {
		return shapeError(s.l.doing, err)
	}
	var ids, keys []string
	err = s.l.take(p.Value, func(id, key string) {
		ids, keys = append(ids, id), append(keys, key)
	})
	if err != nil {
		return shapeError(s.l.doing, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count(at, ids)
	at.note(keys)
	if p.Next != "" {
		if err := at.chain.Follow(p.Value, p.Next); err != nil {
			return fmt.Errorf("%s: %w", s.l.doing, err)
		}
	}
	if n := len(s.ranged) + len(s.chained); n > maxObjects {
		return fmt.Errorf("%s: %w: more than %d objects", s.l.doing, transport.ErrEndless, maxObjects)
	}
	at.next = p.Next
	return nil
}

// maxObjects bounds a collection: more than a tenant can have, and than memory.
const maxObjects = 10_000_000

// count takes down who came, and whether it was worth the page.
func (s *survey) count(at *span, ids []string) {
	fresh := false
	for _, id := range ids {
		seen := s.ranged[id]
		if at != s.root {
			fresh = fresh || !seen && !s.chained[id]
			s.ranged[id] = true
			delete(s.chained, id)
		} else if !seen {
			fresh = fresh || !s.chained[id]
			s.chained[id] = true
		}
	}
	if fresh {
		s.useful++
	} else {
		s.waste++
	}
}

// hostile reports what no honest service does: that is never passed over.
func hostile(err error) bool {
	return errors.Is(err, transport.ErrOtherHost) || errors.Is(err, transport.ErrEndless)
}

// declined reports that the service gave an answer, and it was a refusal of
// this request; being throttled isn't.
func declined(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status != http.StatusTooManyRequests && e.Status != http.StatusUnauthorized
}
