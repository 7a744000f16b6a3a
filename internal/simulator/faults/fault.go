// Package faults is what disturbs requests, and what counts them: scheduled faults, deaths of the client, hooks.
package faults

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
)

// Kind is a way to misbehave.
type Kind string

// The kinds of fault.
const (
	Status      Kind = "status"       // an error of Status, with RetryAfter where given; 429 by default
	Cut         Kind = "cut"          // the right answer, cut after AfterBytes (default: half) with its connection
	Drop        Kind = "drop"         // the connection ends without an answer
	Hang        Kind = "hang"         // no answer; the connection ends after Latency, if the client waits that long
	Stale       Kind = "stale"        // what this write changes stays unseen for the next Reads read requests
	Latency     Kind = "latency"      // answered after Latency
	NextLoop    Kind = "next_loop"    // a page whose next link (or cursor) is its own
	NextEndless Kind = "next_endless" // a page whose next link is a new one, to the same page
	NextForeign Kind = "next_foreign" // a page whose next link leads to Host, on another machine
)

// Fault is one entry of the schedule. The zero values of Nth, Times and Probability mean: the next
// matching request, once, surely.
type Fault struct {
	Kind Kind `json:"kind"`
	// method and route template, * matches anything: "GET /v1.0/users*". Empty: any request to Graph or Atlassian
	Match string `json:"match,omitempty"`
	// first matching request that is hit, from 1; items of a batch count, behind their batch
	Nth         int          `json:"nth,omitempty"`
	Times       int          `json:"times,omitempty"`       // how many are hit; -1 is forever
	Probability float64      `json:"probability,omitempty"` // of each being hit, from the server's seed
	Status      int          `json:"status,omitempty"`
	Code        string       `json:"code,omitempty"`        // of the error body, where the status has several
	RetryAfter  string       `json:"retry_after,omitempty"` // may be fractional, "0.01"; empty: no header
	AfterBytes  int          `json:"after_bytes,omitempty"`
	Reads       int          `json:"reads,omitempty"`
	Latency     env.Duration `json:"latency,omitempty"`
	// status, drop, hang: the request is carried out, and only its answer is lost
	CarriedOut bool   `json:"carried_out,omitempty"`
	Host       string `json:"host,omitempty"` // of next_foreign; default attacker.example
}

func (f *Fault) check() error {
	switch f.Kind {
	case Status:
		if f.Status == 0 {
			f.Status = http.StatusTooManyRequests
		}
		if f.Status < 400 || f.Status > 599 {
			return fmt.Errorf("status %d isn't an error", f.Status)
		}
	case Stale:
		if f.Reads < 1 {
			return fmt.Errorf("a stale fault needs reads, the number of requests that don't see the write")
		}
	case Latency, Hang:
		if f.Latency <= 0 {
			return fmt.Errorf("a %s fault needs latency", f.Kind)
		}
	case NextForeign:
		if f.Host == "" {
			f.Host = "attacker.example"
		}
	case Cut, Drop, NextLoop, NextEndless:
	default:
		return fmt.Errorf(
			"unknown kind %q: one of status, cut, drop, hang, stale, latency, next_loop, next_endless, "+
				"next_foreign", f.Kind,
		)
	}
	if _, err := path.Match(flat(f.Match), ""); err != nil {
		return fmt.Errorf("match %q: %w", f.Match, err)
	}
	if f.Probability < 0 || f.Probability > 1 || f.Nth < 0 || f.Times < -1 {
		return fmt.Errorf("nth, times or probability out of range")
	}
	return nil
}

// CutAt is the number of bytes that still get through.
func (f *Fault) CutAt(size int) int {
	if f.AfterBytes == 0 {
		return size / 2
	}
	return min(f.AfterBytes, size)
}

// flat hides slashes from path.Match, whose * would stop at them.
func flat(s string) string { return strings.ReplaceAll(s, "/", "\x00") }

// Matching says which faults may hit a request.
type Matching uint8

// Which faults may hit.
const (
	MatchAll    Matching = iota
	MatchByName          // only a fault that names its route
	MatchNever
)

// Schedule decides, in the order in which requests arrive. With one client and one seed it is
// the same in every run.
type Schedule struct {
	mu     sync.Mutex
	random *rand.Rand
	faults []*scheduled
}

type scheduled struct {
	Fault
	seen, hit int
}

// NewSchedule is an empty schedule.
func NewSchedule(seed uint64) *Schedule {
	return &Schedule{random: env.NewRandom(seed)}
}

// Next is the fault that hits a request, nil if none does. Every fault counts the request; the first
// whose turn it is wins.
func (s *Schedule) Next(name string, m Matching) *Fault {
	if m == MatchNever {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var won *Fault
	for _, f := range s.faults {
		if f.Match == "" && m == MatchByName {
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
func (s *Schedule) AddFault(fault Fault) error {
	if err := fault.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &scheduled{Fault: fault})
	return nil
}

// ClearFaults empties the schedule.
func (s *Schedule) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Hits is how often faults of the schedule have hit.
func (s *Schedule) Hits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, f := range s.faults {
		n += f.hit
	}
	return n
}

// ScheduledFault is a fault of the schedule with what became of it.
type ScheduledFault struct {
	Fault
	Seen int `json:"seen"` // matching requests so far
	Hit  int `json:"hit"`
}

// Listed is the schedule.
func (s *Schedule) Listed() []ScheduledFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []ScheduledFault{}
	for _, f := range s.faults {
		out = append(out, ScheduledFault{Fault: f.Fault, Seen: f.seen, Hit: f.hit})
	}
	return out
}

// Seed seeds the faults that happen with a probability.
func (s *Schedule) Seed(seed uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.random = env.NewRandom(seed)
}
