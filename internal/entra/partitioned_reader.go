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

	"github.com/usersync/terraform-provider-usersync/internal/graph"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// Reading a collection side by side.
//
// Pages are a chain: each names the next. So a collection that turns out to be
// large is partitioned into ranges of a property, whose chains are read at once.
// The chain of the whole collection pauses meanwhile: where the service refuses
// the ranges, or they turn out to have left somebody out, it is continued.
//
// Objects move while this goes on. One whose property changes can leave a range
// that isn't read yet for one that is. So before the first range is asked for,
// delta is asked for a link that tells what changes from now on, and in the end
// what it told is applied. Without such a link there are no ranges. The cost is
// two requests, and none for what fits into a few pages.

// pagesBeforeRanges is after how many pages of the chain ranges are begun. Up to
// that the detour costs more than it saves.
const pagesBeforeRanges = 3

// fastPage is how long a page may take, on average, for the chain to be fast
// enough: from the next room, ranges cost more than they save.
const fastPage = 50 * time.Millisecond

// maxObjects bounds what a collection brings, again or not: more than a tenant can have,
// and than memory.
const maxObjects = 10_000_000

// collection is one that can be read side by side.
type collection struct {
	path      string
	query     url.Values
	property  string // that ranges are of
	operation string
	need      graph.Need
	// decode takes the array of objects that rest begins with, calls seen for each, and
	// answers where the array ends.
	decode func(rest []byte, seen func(object)) (end int, err error)
	// deltaLink asks for the link that tells what changes from now on.
	deltaLink func(ctx context.Context) (link string, err error)
}

// object is one of a collection: its id, its value of the property that ranges are of,
// and its position, which is the same whenever it comes while the collection is read.
type object struct {
	id, key string
	at      int32
}

// address is that of the first page of a range.
func (c *collection) address(lo, hi string) string {
	q := c.query
	if f := rangeFilter(c.property, lo, hi); f != "" {
		q = withFilter(q, f)
	}
	return c.path + "?" + encode(q)
}

// partitionedReader reads one collection.
type partitionedReader struct {
	client     *Client
	collection *collection
	link       string // of delta, from before the first range

	mu      sync.Mutex
	changed chan struct{}
	root    *keyRange
	ranges  []*keyRange
	// came is how each object came, by its position; chain are those that came in the
	// chain of the whole collection first. objects counts all, again or not.
	came           []way
	chain          []chained
	objects        int
	ranged         bool // there was a range
	began          time.Time
	useful, wasted int // pages that brought something new, and that didn't
	partition      partitionState
	err            error
	cancel         context.CancelFunc
}

// chained is an object of the chain.
type chained struct {
	id string
	at int32
}

// way is how an object came.
type way uint8

const (
	notYet way = iota
	inChain
	inRange
)

// partitionState is whether ranges may be asked for.
type partitionState int

const (
	partitionLater   partitionState = iota // the collection may be small
	partitionPending                       // the link of delta is being asked for
	partitionAllowed
	partitionRefused
)

// readCollection reads a collection. link is delta's, "" where it has to be asked
// for; sequential says that there are to be no ranges.
func (c *Client) readCollection(
	ctx context.Context, l *collection, link string, sequential bool,
) (*partitionedReader, error) {
	r := &partitionedReader{
		client:     c,
		collection: l,
		began:      c.now(),
		link:       link,
		changed:    make(chan struct{}),
		root:       newKeyRange(nil, "", "", l.address("", "")),
	}
	r.ranges = []*keyRange{r.root}
	if sequential || c.sequential {
		r.partition = partitionRefused
	}
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	r.cancel = cancel
	var g errgroup.Group
	for range graph.MaxConcurrent {
		g.Go(func() error { r.work(working); return nil })
	}
	_ = g.Wait()
	if r.err == nil && !r.root.complete() {
		r.err = ctx.Err()
	}
	return r, r.err
}

// endedByRanges reports whether the ranges ended the reading, not the chain.
func (r *partitionedReader) endedByRanges() bool { return r.root.next != "" }

// missedByRanges counts objects of the chain that the ranges should have brought
// and didn't, unless a change explains it.
func (r *partitionedReader) missedByRanges(explained func(id string) bool) int {
	n := 0
	for _, o := range r.chain {
		if r.came[o.at] == inChain && !explained(o.id) {
			n++
		}
	}
	return n
}

// finishChain reads the chain of the whole collection to its end, where the ranges
// can't be relied on.
func (r *partitionedReader) finishChain(ctx context.Context) error {
	places := r.client.graph.Concurrency()
	for r.root.next != "" {
		if err := places.Acquire(ctx); err != nil {
			return err
		}
		err := r.readPage(ctx, r.root)
		places.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

// work does tasks until the collection is read.
func (r *partitionedReader) work(ctx context.Context) {
	places := r.client.graph.Concurrency()
	for {
		if places.Acquire(ctx) != nil {
			return
		}
		task, changed := r.nextTask()
		if task != nil {
			task(ctx)
		}
		places.Release()
		if task == nil {
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
		}
	}
}

// nextTask finds something to do, nil where there is nothing at present.
func (r *partitionedReader) nextTask() (task func(context.Context), changed <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil || r.root.complete() {
		r.cancel()
		return nil, r.changed
	}
	switch {
	case r.partition != partitionLater || r.root.pages < pagesBeforeRanges:
	case r.client.now().Sub(r.began) < r.client.fastPage*time.Duration(r.root.pages):
	case r.link != "":
		r.partition = partitionAllowed
	default:
		r.partition = partitionPending
		return r.requestDeltaLink, r.changed
	}
	if r.partition == partitionAllowed && len(r.root.children) == 0 {
		r.split()
	}
	at := r.idleRange()
	if at == nil && r.partition == partitionAllowed && r.split() {
		at = r.idleRange()
	}
	if at == nil {
		return nil, r.changed
	}
	at.busy = true
	return func(ctx context.Context) { r.readNextPage(ctx, at) }, r.changed
}

// idleRange is a range with a page that nobody reads.
func (r *partitionedReader) idleRange() *keyRange {
	for _, at := range r.ranges {
		if !at.busy && at.next != "" && len(at.children) == 0 && at.needed() {
			return at
		}
	}
	return nil
}

// isWorthSplitting reports whether splitting a range of which so many pages were
// read into parts saves at least three round trips. How long its chain goes on
// isn't known; as long again is the best guess, and the pages read so far are read
// again.
func isWorthSplitting(pages, parts int) bool {
	return parts > 1 && pages-(2*pages+parts-1)/parts-1 >= 3
}

// split splits the range of which the most was read. What was read of it is read
// again, and its own chain ends there; so there is an end to it where it brings
// too little.
func (r *partitionedReader) split() bool {
	free := r.client.graph.Concurrency().Limit()
	best := r.root
	for _, at := range r.ranges {
		if at.busy {
			free--
		}
		if len(at.children) == 0 && !at.indivisible && at.pages > 0 && at.needed() &&
			(best == r.root || at.pages >= best.pages) {
			best = at
		}
	}
	switch {
	case best == r.root && (len(best.children) > 0 || best.indivisible):
		return false
	case best != r.root && (!isWorthSplitting(best.pages, free) || r.wasted > graph.MaxConcurrent+r.useful/2):
		return false
	case !best.split(max(2, free), r.collection.address):
		return r.split()
	}
	r.ranges = append(r.ranges, best.children...)
	return true
}

// requestDeltaLink asks for the link of delta; without it the chain goes on alone.
func (r *partitionedReader) requestDeltaLink(ctx context.Context) {
	link, err := r.collection.deltaLink(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.wakeWorkers()
	switch {
	case isProtocolViolation(err):
		r.fail(err)
	case err != nil:
		r.partition = partitionRefused
	default:
		r.link, r.partition = link, partitionAllowed
	}
}

// readNextPage reads the next page of a range, and says what its failure means for
// the others.
func (r *partitionedReader) readNextPage(ctx context.Context, at *keyRange) {
	err := r.readPage(ctx, at)
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.wakeWorkers()
	at.busy = false
	switch {
	case err == nil || !at.needed():
	case at != r.root && (isRefusal(err) || r.partition == partitionRefused && !isProtocolViolation(err)):
		// A range was refused: the chain of the whole collection goes on alone.
		r.partition = partitionRefused
		r.ranges, r.root.children = r.ranges[:1], nil
	default:
		r.fail(err)
	}
}

func (r *partitionedReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.cancel()
}

// wakeWorkers has the idle workers look again.
func (r *partitionedReader) wakeWorkers() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// readPage reads one page of a range.
func (r *partitionedReader) readPage(ctx context.Context, at *keyRange) error {
	l := r.collection
	a, err := r.client.graph.Do(ctx, graph.Request{
		Method: http.MethodGet, URL: at.next, Operation: l.operation, Need: l.need,
	})
	if err != nil {
		return err
	}
	page := at.page[:0]
	p, err := graph.DecodePage(a.Body, func(rest []byte) (int, error) {
		return l.decode(rest, func(o object) { page = append(page, o) })
	})
	if err != nil {
		return graph.ShapeError(l.operation, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	at.page = page
	r.count(at, page)
	at.addKeys(page)
	if p.Next != "" {
		if err := at.pagination.Next(p.Value, p.Next); err != nil {
			return fmt.Errorf("%s: %w", l.operation, err)
		}
	}
	if r.objects += len(page); r.objects > maxObjects {
		return fmt.Errorf("%s: %w: more than %d objects", l.operation, transport.ErrEndless, maxObjects)
	}
	at.next = p.Next
	transport.Recycle(a.Body)
	return nil
}

// count notes who came, and whether that was worth the page.
func (r *partitionedReader) count(at *keyRange, page []object) {
	r.ranged = r.ranged || at != r.root || len(r.root.children) > 0
	fresh := !r.ranged
	for _, o := range page {
		for int(o.at) >= len(r.came) {
			r.came = append(r.came, notYet)
		}
		how := &r.came[o.at]
		fresh = fresh || *how == notYet
		switch {
		case at != r.root:
			*how = inRange
		case *how == notYet:
			*how = inChain
			r.chain = append(r.chain, chained{o.id, o.at})
		}
	}
	if fresh {
		r.useful++
	} else {
		r.wasted++
	}
}

// isProtocolViolation reports what no honest service does: that is never ignored.
func isProtocolViolation(err error) bool {
	return errors.Is(err, transport.ErrOtherHost) || errors.Is(err, transport.ErrEndless)
}

// isRefusal reports that the service gave an answer, and it was a refusal of this
// request; being throttled isn't.
func isRefusal(err error) bool {
	var e *graph.Error
	return errors.As(err, &e) && e.Status != http.StatusTooManyRequests && e.Status != http.StatusUnauthorized
}
