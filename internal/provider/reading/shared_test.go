package reading

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

// A key is read once for all who ask at the same time and after; what failed is
// read again, as is what was forgotten, also while it was being read.
func TestShared(t *testing.T) {
	var s shared[int]
	var reads atomic.Int64
	begun, go_ := make(chan struct{}), make(chan struct{})
	slow := func() (int, error) {
		if reads.Add(1) == 1 {
			close(begun)
			<-go_
		}
		return int(reads.Load()), nil
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if v, err := s.once(t.Context(), "a", slow); v != 1 || err != nil {
				t.Errorf("%d %v", v, err)
			}
		})
	}
	<-begun
	close(go_)
	all.Wait()
	if v, _ := s.once(t.Context(), "b", slow); v != 2 {
		t.Errorf("another key: %d", v)
	}
	failed := errors.New("no")
	if _, err := s.once(t.Context(), "c", func() (int, error) { return 0, failed }); !errors.Is(err, failed) {
		t.Error(err)
	}
	if v, err := s.once(t.Context(), "c", slow); v != 3 || err != nil {
		t.Errorf("after a failure: %d %v", v, err)
	}
	if v, _ := s.once(t.Context(), "d", func() (int, error) { s.forget(); return 9, nil }); v != 9 {
		t.Error(v)
	}
	if v, _ := s.once(t.Context(), "d", slow); v != 4 {
		t.Errorf("what was forgotten while it was read is still there: %d", v)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	waiting := make(chan struct{})
	held := make(chan struct{})
	all.Go(func() {
		_, _ = s.once(t.Context(), "e", func() (int, error) { close(waiting); <-held; return 0, nil })
	})
	<-waiting
	if _, err := s.once(cancelled, "e", slow); !errors.Is(err, context.Canceled) {
		t.Errorf("who waits can't be cancelled: %v", err)
	}
	close(held)
	all.Wait()
}
