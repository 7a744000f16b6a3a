package entra

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// A batch has at most 20 requests [graph 6].
const (
	batchSize       = 20
	maxBatchRetries = 8
)

// errand is a page of a small collection, of which many are read in batches:
// the members of a group above all.
type errand struct {
	// about is the id of what the collection belongs to.
	about string
	// url is absolute or relative to the version's address.
	url string
	// page counts from 0: collections with many pages are the long way, so the
	// next page of one goes before the first of another.
	page int
	// tries counts how often it was sent and refused for the time being.
	tries int
}

// errands are read by batches of up to 20, several at once.
type errands struct {
	c     *Client
	doing string
	need  Need
	// take is called with each object, one at a time.
	take func(e errand, raw []byte) error
	// refused says whether a refusal is an answer, too.
	refused func(e errand, status int) bool

	mu      sync.Mutex
	changed chan struct{}
	open    bool // more may be put in
	waiting []errand
	busy    int
	objects int
	chains  map[string]*transport.Chain
	err     error
	stop    context.CancelFunc
}

func (c *Client) errands(doing string, need Need, take func(errand, []byte) error, refused func(errand, int) bool) *errands {
	return &errands{c: c, doing: doing, need: need, take: take, refused: refused, open: true, changed: make(chan struct{}), chains: map[string]*transport.Chain{}}
}

// put adds errands; it may be called from take.
func (q *errands) put(list ...errand) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, list...)
	q.stir()
}

// close says that nothing more is put in but from take.
func (q *errands) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.open = false
	q.stir()
}

func (q *errands) stir() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// run reads until everything is read, after close.
func (q *errands) run(ctx context.Context) error {
	working, stop := context.WithCancel(ctx)
	defer stop()
	q.stop = stop
	var g errgroup.Group
	for range mostAtOnce {
		g.Go(func() error { q.work(working); return nil })
	}
	_ = g.Wait()
	return cmp.Or(q.err, ctx.Err())
}

func (q *errands) work(ctx context.Context) {
	for {
		if q.c.gate.enter(ctx) != nil {
			return
		}
		part, done, changed := q.next()
		if len(part) > 0 {
			q.finish(q.batch(ctx, part))
		}
		q.c.gate.leave()
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

// next takes errands for one batch. One that isn't full goes only while few
// are under way: what those bring fills it.
func (q *errands) next() (part []errand, done bool, changed <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	const few = 2
	n := min(batchSize, len(q.waiting))
	switch {
	case q.err != nil || !q.open && n == 0 && q.busy == 0:
		return nil, true, q.changed
	case n == 0 || n < batchSize && (q.open || q.busy >= few):
		return nil, false, q.changed
	}
	slices.SortStableFunc(q.waiting, func(a, b errand) int { return b.page - a.page })
	part = slices.Clone(q.waiting[:n])
	q.waiting = q.waiting[n:]
	q.busy++
	return part, false, q.changed
}

func (q *errands) finish(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.stir()
	q.busy--
	if err != nil && q.err == nil {
		q.err = err
		q.stop()
	}
}

// batch sends up to 20 reads in one request. Each is throttled by itself, so
// only those refused are sent again [graph 6]: after the pause that was
// asked for they wait for a place anew, of which there are fewer then.
func (q *errands) batch(ctx context.Context, part []errand) error {
	answers, err := q.send(ctx, part)
	if err != nil {
		return err
	}
	var again []errand
	var wait time.Duration
	tries := 0
	for i, e := range part {
		a := answers[i]
		switch {
		case a.status < 300:
			if err := q.page(e, a.body); err != nil {
				return err
			}
		case passes(a.status) && e.tries+1 < maxBatchRetries:
			e.tries++
			again = append(again, e)
			wait, tries = max(wait, retryAfter(a.header)), max(tries, e.tries)
		case q.refused != nil && q.refused(e, a.status):
		default:
			return graphError(a, q.doing, q.need.AnyOf, q.c.config.Secrets)
		}
	}
	if len(again) == 0 {
		return nil
	}
	if err := q.c.pause(ctx, tries, wait); err != nil {
		return err
	}
	q.put(again...)
	return nil
}

// send asks for pages, and tells the gate of the worst that is said of limits.
func (q *errands) send(ctx context.Context, part []errand) ([]answer, error) {
	items := make([]batchItem, len(part))
	for i, e := range part {
		u, err := q.c.relative(e.url)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.doing, err)
		}
		items[i] = batchItem{Method: http.MethodGet, URL: u}
	}
	answers, err := q.c.sendBatch(ctx, items, q.doing, q.need)
	if err != nil {
		return nil, err
	}
	worst := answers[0]
	for _, a := range answers {
		if passes(a.status) && !passes(worst.status) || a.header.Get("x-ms-throttle-limit-percentage") > worst.header.Get("x-ms-throttle-limit-percentage") && passes(a.status) == passes(worst.status) {
			worst = a
		}
	}
	q.c.gate.hear(worst.status, worst.header)
	return answers, nil
}

// page takes one page, and notes the next.
func (q *errands) page(e errand, body json.RawMessage) error {
	p, err := decodePage(body)
	if err == nil {
		err = q.objectsOf(e, p)
	}
	switch {
	case errors.Is(err, transport.ErrEndless):
		return fmt.Errorf("%s: %w", q.doing, err)
	case err != nil:
		return shapeError(q.doing, err)
	case p.Next != "":
		q.put(errand{about: e.about, url: p.Next, page: e.page + 1})
	}
	return nil
}

// maxMembers bounds the members of all groups together.
const maxMembers = 100_000_000

func (q *errands) objectsOf(e errand, p page) error {
	n, err := directory.NewDecoder(nil).Array(p.Value, func(raw []byte) error { return q.take(e, raw) })
	if err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.objects += n; q.objects > maxMembers {
		return fmt.Errorf("%w: more than %d objects", transport.ErrEndless, maxMembers)
	}
	if p.Next == "" {
		return nil
	}
	chain := q.chains[e.about]
	if chain == nil {
		chain = &transport.Chain{}
		q.chains[e.about] = chain
	}
	return chain.Follow(p.Value, p.Next)
}
