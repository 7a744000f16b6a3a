package session

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

var errNo = errors.New("no")

func failing(context.Context) (int, error) { return 0, errNo }

// A key is read once for all who ask at the same time and after; what failed is
// read again, as is what was forgotten, also while it was being read.
func TestShared(t *testing.T) {
	s := shared[string, int]{serves: same}
	var reads atomic.Int64
	begun, held := make(chan struct{}), make(chan struct{})
	slow := func(context.Context) (int, error) {
		if reads.Add(1) == 1 {
			close(begun)
			<-held
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
	close(held)
	all.Wait()
	if v, _ := s.once(t.Context(), "b", slow); v != 2 {
		t.Errorf("another key: %d", v)
	}
	if _, err := s.once(t.Context(), "c", failing); !errors.Is(err, errNo) {
		t.Error(err)
	}
	if v, err := s.once(t.Context(), "c", slow); v != 3 || err != nil {
		t.Errorf("after a failure: %d %v", v, err)
	}
	if v, _ := s.once(t.Context(), "d", func(context.Context) (int, error) { s.forget(); return 9, nil }); v != 9 {
		t.Error(v)
	}
	if v, _ := s.once(t.Context(), "d", slow); v != 4 {
		t.Errorf("what was forgotten while it was read is still there: %d", v)
	}
}

// joined waits until n callers share the only read, whoever they are.
func joined(s *shared[string, int], n int) {
	for {
		s.mu.Lock()
		there := len(s.flights) == 1 && s.flights[0].waiting == n
		s.mu.Unlock()
		if there {
			return
		}
	}
}

// Whoever shared a read that failed reads by itself, once: the other may have
// asked for more than is to be had.
func TestShared_FirstReaderFails(t *testing.T) {
	// A read of "*" serves everybody.
	s := shared[string, int]{serves: func(read, wanted string) bool { return read == "*" || read == wanted }}
	held := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := s.once(
			t.Context(),
			"*",
			func(context.Context) (int, error) { <-held; return 0, errNo },
		); !errors.Is(
			err,
			errNo,
		) {
			t.Errorf("the first reader: %v", err)
		}
	})
	joined(&s, 1)
	var reads atomic.Int64
	for range 5 {
		all.Go(func() {
			v, err := s.once(t.Context(), "a", func(context.Context) (int, error) { reads.Add(1); return 7, nil })
			if v != 7 || err != nil {
				t.Errorf("one who shared the failed read: %d %v", v, err)
			}
		})
	}
	joined(&s, 6)
	close(held)
	all.Wait()
	if n := reads.Load(); n != 1 {
		t.Errorf("those who shared the failed read read %d times, want once together", n)
	}
	// Where the own read fails, too, that is the answer.
	if _, err := s.once(t.Context(), "b", failing); !errors.Is(err, errNo) {
		t.Error(err)
	}
}

// The end of one caller, the first, too, isn't the end of the read, as long as
// somebody waits for it.
func TestShared_FirstReaderIsCanceled(t *testing.T) {
	s := shared[string, int]{serves: same}
	held, ended := make(chan struct{}), make(chan error, 1)
	read := func(ctx context.Context) (int, error) {
		select {
		case <-held:
			return 7, nil
		case <-ctx.Done():
			ended <- ctx.Err()
			return 0, ctx.Err()
		}
	}
	var all sync.WaitGroup
	first, cancel := context.WithCancel(t.Context())
	firstDone := make(chan struct{})
	all.Go(func() {
		if _, err := s.once(first, "a", read); !errors.Is(err, context.Canceled) {
			t.Errorf("the caller who was canceled: %v", err)
		}
		close(firstDone)
	})
	joined(&s, 1)
	all.Go(func() {
		if v, err := s.once(t.Context(), "a", failing); v != 7 || err != nil {
			t.Errorf("the caller who goes on waiting: %d %v", v, err)
		}
	})
	joined(&s, 2)
	cancel()
	<-firstDone
	close(held)
	all.Wait()
	if len(ended) > 0 {
		t.Error("the read was ended though somebody waited for it")
	}

	// Nobody waits any longer: the read ends, and whoever comes reads anew.
	held = nil
	alone, leave := context.WithCancel(t.Context())
	all.Go(func() { _, _ = s.once(alone, "b", read) })
	for there := false; !there; {
		s.mu.Lock()
		there = len(s.flights) == 2
		s.mu.Unlock()
	}
	leave()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	all.Wait()
	if v, err := s.once(t.Context(), "b", func(context.Context) (int, error) { return 8, nil }); v != 8 || err != nil {
		t.Errorf("after it: %d %v", v, err)
	}
}

// A snapshot that couldn't be read is read again: the file may be there now.
func TestSnapshotIsReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tenant.json")
	s := New(Setup{SnapshotFile: file})
	if _, _, err := s.Directory(t.Context(), nil, nil); err == nil {
		t.Fatal("a file that isn't there was read")
	}
	raw, err := os.ReadFile("../../../examples/tenant/company.json")
	if err == nil {
		err = os.WriteFile(file, raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Directory(t.Context(), nil, nil); err != nil {
		t.Errorf("the failure was kept: %v", err)
	}
}
