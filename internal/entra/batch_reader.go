package entra

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/graph"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// pageRequest asks for a page of a small collection, of which many are read in
// batches: the members of a group above all.
type pageRequest struct {
	// owner is the id of what the collection belongs to.
	owner string
	// url is absolute or relative to the version's address.
	url string
	// page counts from 0: collections with many pages are the long way, so the
	// next page of one goes before the first of another.
	page int
	// attempts counts how often it was sent and refused for the time being.
	attempts int
}

// batchReader reads many small collections by batches of up to 20 pages, several
// batches at once.
type batchReader struct {
	client    *Client
	operation string
	need      graph.Need
	// decode takes the array of objects that rest begins with, and answers how many
	// there were and where it ends.
	decode func(r pageRequest, rest []byte) (n, end int, err error)
	// onRefusal says whether a refusal is an answer, too.
	onRefusal func(r pageRequest, status int) bool

	mu          sync.Mutex
	changed     chan struct{}
	open        bool // more may be added
	waiting     []pageRequest
	inFlight    int
	objects     int
	paginations map[string]*transport.Pagination
	err         error
	cancel      context.CancelFunc
}

// newBatchReader makes a reader that calls onObject with each object, one at a time;
// onRefusal may be nil.
func (c *Client) newBatchReader(
	operation string, need graph.Need, onObject func(pageRequest, []byte) error, onRefusal func(pageRequest, int) bool,
) *batchReader {
	return &batchReader{
		client:    c,
		operation: operation,
		need:      need,
		decode: func(r pageRequest, rest []byte) (n, end int, err error) {
			return directory.NewDecoder(nil).ArrayAt(rest, func(raw []byte) error { return onObject(r, raw) })
		},
		onRefusal:   onRefusal,
		open:        true,
		changed:     make(chan struct{}),
		paginations: map[string]*transport.Pagination{},
	}
}

// add adds requests; it may be called from decode.
func (b *batchReader) add(list ...pageRequest) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, list...)
	b.wakeWorkers()
}

// close says that nothing more is added but from decode.
func (b *batchReader) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open = false
	b.wakeWorkers()
}

func (b *batchReader) wakeWorkers() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// run reads until everything is read, after close.
func (b *batchReader) run(ctx context.Context) error {
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	b.cancel = cancel
	var g errgroup.Group
	for range graph.MaxConcurrent {
		g.Go(func() error { b.work(working); return nil })
	}
	_ = g.Wait()
	return cmp.Or(b.err, ctx.Err())
}

func (b *batchReader) work(ctx context.Context) {
	places := b.client.graph.Concurrency()
	for {
		if places.Acquire(ctx) != nil {
			return
		}
		part, done, changed := b.nextBatch()
		if len(part) > 0 {
			b.finish(b.readBatch(ctx, part))
		}
		places.Release()
		if done {
			return
		}
		if len(part) == 0 {
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
		}
	}
}

// nextBatch takes requests for one batch. One that isn't full goes only while few
// are under way: what those bring fills it.
func (b *batchReader) nextBatch() (part []pageRequest, done bool, changed <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	const few = 2
	n := min(graph.BatchSize, len(b.waiting))
	switch {
	case b.err != nil || !b.open && n == 0 && b.inFlight == 0:
		return nil, true, b.changed
	case n == 0 || n < graph.BatchSize && (b.open || b.inFlight >= few):
		return nil, false, b.changed
	}
	slices.SortStableFunc(b.waiting, func(a, b pageRequest) int { return b.page - a.page })
	part = slices.Clone(b.waiting[:n])
	b.waiting = b.waiting[n:]
	b.inFlight++
	return part, false, b.changed
}

func (b *batchReader) finish(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.wakeWorkers()
	b.inFlight--
	if err != nil && b.err == nil {
		b.err = err
		b.cancel()
	}
}

// readBatch sends up to 20 reads in one request. Each is throttled by itself, so
// only those refused are sent again [graph 6]: after the pause that was asked for
// they wait for a place anew, of which there are fewer then.
func (b *batchReader) readBatch(ctx context.Context, part []pageRequest) error {
	answers, pages, whole, err := b.send(ctx, part)
	if err != nil {
		return err
	}
	var again []pageRequest
	var wait time.Duration
	attempts := 0
	for i, r := range part {
		a := answers[i]
		switch {
		case a.Status < 300:
			if pages[i] == nil {
				pages[i], _ = b.decodePage(r, a.Body)
			}
			if err := b.takePage(r, pages[i]); err != nil {
				return err
			}
		case a.MayPass() && r.attempts+1 < graph.MaxBatchAttempts:
			r.attempts++
			again = append(again, r)
			wait, attempts = max(wait, a.RetryAfter()), max(attempts, r.attempts)
		case b.onRefusal != nil && b.onRefusal(r, a.Status):
		default:
			return b.client.graph.Refusal(a, b.operation, b.need)
		}
	}
	transport.Recycle(whole)
	if len(again) == 0 {
		return nil
	}
	if err := b.client.graph.Pause(ctx, attempts, wait); err != nil {
		return err
	}
	b.add(again...)
	return nil
}

// send asks for pages, and tells the limit of the worst that is said of limits. It gives
// those pages that were well-formed and could be decoded as they came.
func (b *batchReader) send(
	ctx context.Context,
	part []pageRequest,
) (answers []graph.Response, pages []*decodedPage, whole []byte, err error) {
	items := make([]graph.BatchItem, len(part))
	for i, r := range part {
		items[i] = graph.BatchItem{Method: http.MethodGet, URL: r.url}
	}
	pages = make([]*decodedPage, len(part))
	answers, whole, err = b.client.graph.SendBatch(ctx, items, b.operation, b.need,
		func(i int, rest []byte) (end int, ok bool) {
			p, end := b.decodePage(part[i], rest)
			if p.err != nil {
				return 0, false // the error is told below: of the batch what is no JSON, else of the page
			}
			pages[i] = p
			return end, true
		})
	if err != nil {
		return nil, nil, nil, err
	}
	const used = "x-ms-throttle-limit-percentage"
	worst := answers[0]
	for _, a := range answers {
		if a.MayPass() && !worst.MayPass() ||
			a.Header.Get(used) > worst.Header.Get(used) && a.MayPass() == worst.MayPass() {
			worst = a
		}
	}
	b.client.graph.Concurrency().Observe(worst.Status, worst.Header)
	return answers, pages, whole, nil
}

// decodedPage is a page whose objects, so many, have been taken.
type decodedPage struct {
	graph.Page
	objects int
	err     error
}

// decodePage takes the objects of the page that rest begins with; it answers where the
// page ends.
func (b *batchReader) decodePage(r pageRequest, rest []byte) (p *decodedPage, end int) {
	p = &decodedPage{}
	p.Page, end, p.err = graph.DecodePageAt(rest, func(rest []byte) (end int, err error) {
		p.objects, end, err = b.decode(r, rest)
		return end, err
	})
	return p, end
}

// takePage counts one page, and asks for the next.
func (b *batchReader) takePage(r pageRequest, p *decodedPage) error {
	err := p.err
	if err == nil {
		err = b.count(r, p.Page, p.objects)
	}
	switch {
	case errors.Is(err, transport.ErrEndless):
		return fmt.Errorf("%s: %w", b.operation, err)
	case err != nil:
		return graph.ShapeError(b.operation, err)
	case p.Next != "":
		b.add(pageRequest{owner: r.owner, url: p.Next, page: r.page + 1})
	}
	return nil
}

// maxBatchObjects bounds the members of all groups together.
const maxBatchObjects = 100_000_000

// count notes a page of n objects, and where the next one is.
func (b *batchReader) count(r pageRequest, p graph.Page, n int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.objects += n; b.objects > maxBatchObjects {
		return fmt.Errorf("%w: more than %d objects", transport.ErrEndless, maxBatchObjects)
	}
	if p.Next == "" {
		return nil
	}
	pagination := b.paginations[r.owner]
	if pagination == nil {
		pagination = &transport.Pagination{}
		b.paginations[r.owner] = pagination
	}
	return pagination.Next(p.Value, p.Next)
}
