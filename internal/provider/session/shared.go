package session

import (
	"context"
	"slices"
	"sync"
)

// shared are reads of one kind, each done once whatever asks for it. W says
// what is wanted.
//
// A read has a context of its own, which ends when nobody waits for it any
// longer, so that one caller's end isn't that of others. One that failed isn't
// kept, and isn't the answer to somebody else's question: whoever shared it
// asks once more.
type shared[W, T any] struct {
	// serves reports whether a read of one thing answers for another.
	serves func(read, wanted W) bool

	mu      sync.Mutex
	flights []*flight[W, T]
}

// flight is one read, under way or done.
type flight[W, T any] struct {
	want    W
	cancel  context.CancelFunc
	waiting int
	done    chan struct{}
	value   T
	err     error
}

// get gives a read that serves what is wanted, and reads it where there is none.
func (s *shared[W, T]) get(ctx context.Context, want W, read func(context.Context) (T, error)) (*flight[W, T], error) {
	f, mine := s.join(ctx, want, s.serves, read)
	err := s.wait(ctx, f)
	if err == nil || mine || ctx.Err() != nil {
		return f, err
	}
	// What failed may have been asked for by the other alone, or be over.
	f, _ = s.join(
		ctx,
		want,
		func(read, wanted W) bool { return s.serves(read, wanted) && s.serves(wanted, read) },
		read,
	)
	return f, s.wait(ctx, f)
}

// once is get for who needs the value alone.
func (s *shared[W, T]) once(ctx context.Context, want W, read func(context.Context) (T, error)) (T, error) {
	f, err := s.get(ctx, want, read)
	if err != nil {
		var none T
		return none, err
	}
	return f.value, nil
}

func (s *shared[W, T]) join(
	ctx context.Context, want W, serves func(read, wanted W) bool, read func(context.Context) (T, error),
) (f *flight[W, T], mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.flights {
		if serves(f.want, want) {
			f.waiting++
			return f, false
		}
	}
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f = &flight[W, T]{want: want, cancel: cancel, waiting: 1, done: make(chan struct{})}
	s.flights = append(s.flights, f)
	go func() {
		f.value, f.err = read(own)
		if f.err != nil {
			s.mu.Lock()
			s.drop(f)
			s.mu.Unlock()
		}
		close(f.done)
		cancel()
	}()
	return f, true
}

func (s *shared[W, T]) wait(ctx context.Context, f *flight[W, T]) error {
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.waiting--; f.waiting > 0 {
		return ctx.Err()
	}
	select {
	case <-f.done: // it is there for the next
	default:
		s.drop(f)
		f.cancel()
	}
	return ctx.Err()
}

func (s *shared[W, T]) drop(f *flight[W, T]) {
	s.flights = slices.DeleteFunc(s.flights, func(x *flight[W, T]) bool { return x == f })
}

// completed are the reads that have succeeded; those under way aren't waited for.
func (s *shared[W, T]) completed() []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []T
	for _, f := range s.flights {
		select {
		case <-f.done:
			if f.err == nil {
				out = append(out, f.value)
			}
		default:
		}
	}
	return out
}

// forget drops what was read.
func (s *shared[W, T]) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flights = nil
}

// same serves those who want just what was read.
func same(read, wanted string) bool { return read == wanted }
