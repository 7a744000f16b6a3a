package main

import (
	"fmt"
	"slices"
)

// measured are the times of some runs and the largest peak of memory in them.
type measured struct {
	seconds  []float64
	cpu      []float64 // seconds of all cores; empty where it isn't known
	peak     int       // bytes; 0 where it isn't known
	allocs   float64   // pieces of memory a user; 0 where they aren't counted
	requests int
	left     string // why it was left out
}

func (m measured) min() float64 { return slices.Min(m.seconds) }

func (m measured) median() float64 { return slices.Sorted(slices.Values(m.seconds))[len(m.seconds)/2] }

func (m measured) ok() bool { return m.left == "" && len(m.seconds) > 0 }

// String is the minimum and the median.
func (m measured) String() string {
	if !m.ok() {
		return "left out"
	}
	return fmt.Sprintf("%s / %s", seconds(m.min()), seconds(m.median()))
}

// seconds has as many digits as mean something.
func seconds(s float64) string {
	switch {
	case s < 0.1:
		return fmt.Sprintf("%.3f", s)
	case s < 10:
		return fmt.Sprintf("%.2f", s)
	}
	return fmt.Sprintf("%.1f", s)
}

// memory is the peak in MiB.
func (m measured) memory() string {
	if m.peak == 0 {
		return "–"
	}
	return fmt.Sprint(m.peak >> 20)
}

// cores is the CPU's time, minimum and median.
func (m measured) cores() string {
	if !m.ok() || len(m.cpu) == 0 || m.cpu[0] == 0 {
		return "–"
	}
	return fmt.Sprintf("%s / %s", seconds(slices.Min(m.cpu)), seconds(median(m.cpu)))
}

// row is a line of the page: one measurement of one tenant.
type row struct {
	users int
	what  string
	measured
}

// merge adds the runs of another.
func (m *measured) merge(o measured) {
	m.seconds, m.cpu = append(m.seconds, o.seconds...), append(m.cpu, o.cpu...)
	m.peak = max(m.peak, o.peak)
}

// median is the middle one, the higher of two.
func median(list []float64) float64 { return slices.Sorted(slices.Values(list))[len(list)/2] }

// versus is a line of the table of ratios: how much CPU ours takes beside theirs.
type versus struct {
	users        int
	what, beside string
	ours, theirs measured
}

func (b *bench) ratio(users int, what, beside string, ours, theirs measured) {
	progress("%d users: %s: %s s of CPU, %s: %s s: %.2f times", users, what, seconds(median(ours.cpu)), beside,
		seconds(median(theirs.cpu)), median(ours.cpu)/median(theirs.cpu))
	b.ratios = append(b.ratios, versus{users, what, beside, ours, theirs})
}
