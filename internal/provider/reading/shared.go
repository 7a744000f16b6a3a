package reading

import (
	"context"
	"sync"
)

// shared are reads of one kind by key, each done once whatever asks for it; one
// that failed isn't kept for others.
type shared[T any] struct {
	mu      sync.Mutex
	flights map[string]*flight[T]
}

// once gives what is read under a key, and reads it where nobody has.
func (s *shared[T]) once(ctx context.Context, key string, read func() (T, error)) (T, error) {
	s.mu.Lock()
	f := s.flights[key]
	mine := f == nil
	if mine {
		f = &flight[T]{done: make(chan struct{})}
		if s.flights == nil {
			s.flights = map[string]*flight[T]{}
		}
		s.flights[key] = f
	}
	s.mu.Unlock()
	if mine {
		f.value, f.err = read()
		s.mu.Lock()
		if f.err != nil && s.flights[key] == f {
			delete(s.flights, key)
		}
		s.mu.Unlock()
		close(f.done)
	}
	if err := wait(ctx, f.done); err != nil {
		var none T
		return none, err
	}
	return f.value, f.err
}

// forget drops what was read.
func (s *shared[T]) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flights = nil
}
