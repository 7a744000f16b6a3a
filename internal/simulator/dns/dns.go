// Package dns is the DNS and the web that proofs of ownership are looked for in: nothing outside is ever asked.
package dns

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// Zone is what proofs of ownership are looked for in: no name is ever asked for outside. What was
// published has a time, for Behavior.DNSLag.
type Zone struct {
	store        *tenant.Store
	BeforeChange func() // what has to be looked at before the world changes

	mu      sync.Mutex
	records map[string]map[string][]dnsValue // by name and type
	files   map[string]string                // of the simulated web, by host and path
}

type dnsValue struct {
	text  string
	since time.Time
}

// Record is the values of a name in the simulated DNS that have one type.
type Record struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"` // TXT or MX
	Values []string `json:"values"`
}

// NewZone is an empty zone.
func NewZone(st *tenant.Store) *Zone {
	return &Zone{
		store: st, BeforeChange: func() {}, records: map[string]map[string][]dnsValue{}, files: map[string]string{},
	}
}

// PutDNS makes the values of a name and type ("TXT" or "MX") these, none taking the record away. An MX
// value is "32767 host", or the host alone.
func (s *Zone) PutDNS(name, recordType string, values ...string) error {
	recordType = strings.ToUpper(recordType)
	if naming.HostName(name) == "" {
		return fmt.Errorf("a record needs a name")
	}
	if recordType != "TXT" && recordType != "MX" {
		return fmt.Errorf("type %q: one of TXT, MX", recordType)
	}
	s.BeforeChange()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set(naming.HostName(name), recordType, values, s.store.Clock.Now())
	return nil
}

// set keeps the time of values that were there. The caller holds mu.
func (s *Zone) set(name, recordType string, values []string, now time.Time) {
	old := s.records[name][recordType]
	var list []dnsValue
	for _, text := range values {
		v := dnsValue{text, now}
		if i := slices.IndexFunc(old, func(o dnsValue) bool { return o.text == text }); i >= 0 {
			v = old[i]
		}
		list = append(list, v)
	}
	if s.records[name] == nil {
		s.records[name] = map[string][]dnsValue{}
	}
	if s.records[name][recordType] = list; len(list) == 0 {
		delete(s.records[name], recordType)
	}
	if len(s.records[name]) == 0 {
		delete(s.records, name)
	}
}

// RemoveDNS takes every record of a name away.
func (s *Zone) RemoveDNS(name string) error {
	s.BeforeChange()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.records[naming.HostName(name)] == nil {
		return fmt.Errorf("%q has no records", name)
	}
	delete(s.records, naming.HostName(name))
	return nil
}

// DNS lists the simulated DNS, by name and type.
func (s *Zone) DNS() []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Record{}
	for _, name := range slices.Sorted(maps.Keys(s.records)) {
		for _, recordType := range slices.Sorted(maps.Keys(s.records[name])) {
			record := Record{Name: name, Type: recordType}
			for _, v := range s.records[name][recordType] {
				record.Values = append(record.Values, v.text)
			}
			out = append(out, record)
		}
	}
	return out
}

// resolve is the values that whoever looks at a time sees.
func (s *Zone) resolve(name, recordType string, at time.Time) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, v := range s.records[naming.HostName(name)][recordType] {
		if at.Sub(v.since) >= s.store.Behavior.DNSLag {
			out = append(out, v.text)
		}
	}
	return out
}

// HasTXT says whether a name has a text, with or without the quotes of zone files.
func (s *Zone) HasTXT(name, text string) bool {
	return s.HasTXTAt(name, text, s.store.Clock.Now())
}

// HasTXTAt is HasTXT for whoever looks at a time.
func (s *Zone) HasTXTAt(name, text string, at time.Time) bool {
	return slices.ContainsFunc(s.resolve(name, "TXT", at), func(v string) bool {
		return strings.Trim(strings.TrimSpace(v), `"`) == text
	})
}

// HasMX compares hosts alone: whether the preference counts is [?].
func (s *Zone) HasMX(name, host string) bool {
	return slices.ContainsFunc(s.resolve(name, "MX", s.store.Clock.Now()), func(v string) bool {
		f := strings.Fields(v)
		return len(f) > 0 && naming.HostName(f[len(f)-1]) == naming.HostName(host)
	})
}

// PublishDomain publishes, or withdraws, what verificationDnsRecords asks for, and leaves other values of
// the name alone. The domain needn't be in the tenant yet.
func (s *Zone) PublishDomain(domain string, published bool) error {
	name := naming.HostName(domain)
	if !naming.DomainName.MatchString(name) {
		return fmt.Errorf("%q isn't a domain's name", domain)
	}
	s.BeforeChange()
	s.mu.Lock()
	defer s.mu.Unlock()
	for recordType, value := range map[string]string{
		"TXT": s.store.VerificationText(name),
		"MX":  fmt.Sprintf("%d %s", tenant.VerificationPreference, s.store.VerificationHost(name)),
	} {
		var values []string
		for _, v := range s.records[name][recordType] {
			if v.text != value {
				values = append(values, v.text)
			} else if published { // it is there already and keeps its time
				values = append(values, value)
			}
		}
		if published && !slices.Contains(values, value) {
			values = append(values, value)
		}
		s.set(name, recordType, values, s.store.Clock.Now())
	}
	return nil
}
