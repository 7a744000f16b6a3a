package simulator

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
)

// FaultKind is a way to misbehave.
type FaultKind string

// The kinds of fault.
const (
	FaultStatus      FaultKind = "status"       // an error of Status, with RetryAfter where given; 429 by default
	FaultCut         FaultKind = "cut"          // the right answer, cut after AfterBytes (default: half) with its connection
	FaultDrop        FaultKind = "drop"         // the connection ends without an answer
	FaultHang        FaultKind = "hang"         // no answer; the connection ends after Latency, if the client waits that long
	FaultStale       FaultKind = "stale"        // what this write changes stays unseen for the next Reads read requests
	FaultLatency     FaultKind = "latency"      // answered after Latency
	FaultNextLoop    FaultKind = "next_loop"    // a page whose next link (or cursor) is its own
	FaultNextEndless FaultKind = "next_endless" // a page whose next link is a new one, to the same page
	FaultNextForeign FaultKind = "next_foreign" // a page whose next link leads to Host, on another machine
)

// Fault is one entry of the schedule. The zero values of Nth, Times and Probability mean: the next
// matching request, once, surely.
type Fault struct {
	Kind        FaultKind    `json:"kind"`
	Match       string       `json:"match,omitempty"`       // method and route template, * matches anything: "GET /v1.0/users*". Empty: any request to Graph or Atlassian
	Nth         int          `json:"nth,omitempty"`         // first matching request that is hit, from 1; items of a batch count, behind their batch
	Times       int          `json:"times,omitempty"`       // how many are hit; -1 is forever
	Probability float64      `json:"probability,omitempty"` // of each being hit, from the server's seed
	Status      int          `json:"status,omitempty"`
	Code        string       `json:"code,omitempty"`        // of the error body, where the status has several
	RetryAfter  string       `json:"retry_after,omitempty"` // may be fractional, "0.01"; empty: no header
	AfterBytes  int          `json:"after_bytes,omitempty"`
	Reads       int          `json:"reads,omitempty"`
	Latency     env.Duration `json:"latency,omitempty"`
	CarriedOut  bool         `json:"carried_out,omitempty"` // status, drop, hang: the request is carried out, and only its answer is lost
	Host        string       `json:"host,omitempty"`        // of next_foreign; default attacker.example
}

func (f *Fault) check() error {
	switch f.Kind {
	case FaultStatus:
		if f.Status == 0 {
			f.Status = http.StatusTooManyRequests
		}
		if f.Status < 400 || f.Status > 599 {
			return fmt.Errorf("status %d isn't an error", f.Status)
		}
	case FaultStale:
		if f.Reads < 1 {
			return fmt.Errorf("a stale fault needs reads, the number of requests that don't see the write")
		}
	case FaultLatency, FaultHang:
		if f.Latency <= 0 {
			return fmt.Errorf("a %s fault needs latency", f.Kind)
		}
	case FaultNextForeign:
		if f.Host == "" {
			f.Host = "attacker.example"
		}
	case FaultCut, FaultDrop, FaultNextLoop, FaultNextEndless:
	default:
		return fmt.Errorf("unknown kind %q: one of status, cut, drop, hang, stale, latency, next_loop, next_endless, next_foreign", f.Kind)
	}
	if _, err := path.Match(flat(f.Match), ""); err != nil {
		return fmt.Errorf("match %q: %w", f.Match, err)
	}
	if f.Probability < 0 || f.Probability > 1 || f.Nth < 0 || f.Times < -1 {
		return fmt.Errorf("nth, times or probability out of range")
	}
	return nil
}

// cutAt is the number of bytes that still get through.
func (f *Fault) cutAt(size int) int {
	if f.AfterBytes == 0 {
		return size / 2
	}
	return min(f.AfterBytes, size)
}

// flat hides slashes from path.Match, whose * would stop at them.
func flat(s string) string { return strings.ReplaceAll(s, "/", "\x00") }

// matching says which faults may hit a request.
type matching uint8

const (
	matchAll    matching = iota
	matchByName          // only a fault that names its route
	matchNever
)

// faultSchedule decides, in the order in which requests arrive. With one client and one seed it is
// the same in every run.
type faultSchedule struct {
	mu     sync.Mutex
	random *rand.Rand
	faults []*scheduled
}

type scheduled struct {
	Fault
	seen, hit int
}

func newFaultSchedule(seed uint64) *faultSchedule {
	return &faultSchedule{random: env.NewRandom(seed)}
}

// next is the fault that hits a request, nil if none does. Every fault counts the request; the first
// whose turn it is wins.
func (s *faultSchedule) next(name string, m matching) *Fault {
	if m == matchNever {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var won *Fault
	for _, f := range s.faults {
		if f.Match == "" && m == matchByName {
			continue
		}
		if f.Match != "" {
			if ok, _ := path.Match(flat(f.Match), flat(name)); !ok { // the pattern was checked
				continue
			}
		}
		f.seen++
		if won == nil && f.due(s.random) {
			f.hit++
			won = &f.Fault
		}
	}
	return won
}

func (f *scheduled) due(random *rand.Rand) bool {
	if f.seen < max(f.Nth, 1) || (f.Times >= 0 && f.hit >= max(f.Times, 1)) {
		return false
	}
	return f.Probability == 0 || random.Float64() < f.Probability
}

// AddFault puts a fault on the schedule, behind those that are there.
func (s *faultSchedule) AddFault(fault Fault) error {
	if err := fault.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &scheduled{Fault: fault})
	return nil
}

// ClearFaults empties the schedule.
func (s *faultSchedule) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Hits is how often faults of the schedule have hit.
func (s *faultSchedule) Hits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, f := range s.faults {
		n += f.hit
	}
	return n
}
