package simulator

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
)

// simulatedDNS is what proofs of ownership are looked for in: no name is ever asked for outside. What was
// published has a time, for Behavior.DNSLag.
type simulatedDNS struct {
	mu      sync.Mutex
	records map[string]map[string][]dnsValue // by name and type
	files   map[string]string                // of the simulated web, by host and path
}

type dnsValue struct {
	text  string
	since time.Time
}

// DNSRecord is the values of a name in the simulated DNS that have one type.
type DNSRecord struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"` // TXT or MX
	Values []string `json:"values"`
}

func newSimulatedDNS() *simulatedDNS {
	return &simulatedDNS{records: map[string]map[string][]dnsValue{}, files: map[string]string{}}
}

// PutDNS makes the values of a name and type ("TXT" or "MX") these, none taking the record away. An MX
// value is "32767 host", or the host alone.
func (s *Server) PutDNS(name, recordType string, values ...string) error {
	recordType = strings.ToUpper(recordType)
	if naming.HostName(name) == "" {
		return fmt.Errorf("a record needs a name")
	}
	if recordType != "TXT" && recordType != "MX" {
		return fmt.Errorf("type %q: one of TXT, MX", recordType)
	}
	s.settleClaims()
	s.dns.mu.Lock()
	defer s.dns.mu.Unlock()
	s.dns.set(naming.HostName(name), recordType, values, s.clock.Now())
	return nil
}

// set keeps the time of values that were there. The caller holds mu.
func (d *simulatedDNS) set(name, recordType string, values []string, now time.Time) {
	old := d.records[name][recordType]
	var list []dnsValue
	for _, text := range values {
		v := dnsValue{text, now}
		if i := slices.IndexFunc(old, func(o dnsValue) bool { return o.text == text }); i >= 0 {
			v = old[i]
		}
		list = append(list, v)
	}
	if d.records[name] == nil {
		d.records[name] = map[string][]dnsValue{}
	}
	if d.records[name][recordType] = list; len(list) == 0 {
		delete(d.records[name], recordType)
	}
	if len(d.records[name]) == 0 {
		delete(d.records, name)
	}
}

// RemoveDNS takes every record of a name away.
func (s *Server) RemoveDNS(name string) error {
	s.settleClaims()
	s.dns.mu.Lock()
	defer s.dns.mu.Unlock()
	if s.dns.records[naming.HostName(name)] == nil {
		return fmt.Errorf("%q has no records", name)
	}
	delete(s.dns.records, naming.HostName(name))
	return nil
}

// DNS lists the simulated DNS, by name and type.
func (s *Server) DNS() []DNSRecord {
	s.dns.mu.Lock()
	defer s.dns.mu.Unlock()
	out := []DNSRecord{}
	for _, name := range slices.Sorted(maps.Keys(s.dns.records)) {
		for _, recordType := range slices.Sorted(maps.Keys(s.dns.records[name])) {
			record := DNSRecord{Name: name, Type: recordType}
			for _, v := range s.dns.records[name][recordType] {
				record.Values = append(record.Values, v.text)
			}
			out = append(out, record)
		}
	}
	return out
}

// resolve is the values that whoever looks at a time sees.
func (s *Server) resolve(name, recordType string, at time.Time) []string {
	s.dns.mu.Lock()
	defer s.dns.mu.Unlock()
	var out []string
	for _, v := range s.dns.records[naming.HostName(name)][recordType] {
		if at.Sub(v.since) >= s.behavior.DNSLag {
			out = append(out, v.text)
		}
	}
	return out
}

// hasTXT says whether a name has a text, with or without the quotes of zone files.
func (s *Server) hasTXT(name, text string) bool { return s.hasTXTAt(name, text, s.clock.Now()) }

func (s *Server) hasTXTAt(name, text string, at time.Time) bool {
	return slices.ContainsFunc(s.resolve(name, "TXT", at), func(v string) bool {
		return strings.Trim(strings.TrimSpace(v), `"`) == text
	})
}

// hasMX compares hosts alone: whether the preference counts is [?].
func (s *Server) hasMX(name, host string) bool {
	return slices.ContainsFunc(s.resolve(name, "MX", s.clock.Now()), func(v string) bool {
		f := strings.Fields(v)
		return len(f) > 0 && naming.HostName(f[len(f)-1]) == naming.HostName(host)
	})
}

// The proof that Entra asks for: a text or a mail exchange, stable for a domain and tenant ([graph 4];
// the preference is [F]).
const verificationPreference = 32767

func (s *Server) verificationNumber(domain string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.ToLower(s.tenantID) + " " + naming.HostName(domain)))
	return fmt.Sprintf("ms%08d", h.Sum64()%100_000_000)
}

func (s *Server) verificationText(domain string) string { return "MS=" + s.verificationNumber(domain) }

func (s *Server) verificationHost(domain string) string {
	return s.verificationNumber(domain) + ".msv1.invalid"
}

// PublishDomain publishes, or withdraws, what verificationDnsRecords asks for, and leaves other values of
// the name alone. The domain needn't be in the tenant yet.
func (s *Server) PublishDomain(domain string, published bool) error {
	name := naming.HostName(domain)
	if !naming.DomainName.MatchString(name) {
		return fmt.Errorf("%q isn't a domain's name", domain)
	}
	s.settleClaims()
	s.dns.mu.Lock()
	defer s.dns.mu.Unlock()
	for recordType, value := range map[string]string{
		"TXT": s.verificationText(name), "MX": fmt.Sprintf("%d %s", verificationPreference, s.verificationHost(name)),
	} {
		var values []string
		for _, v := range s.dns.records[name][recordType] {
			if v.text != value {
				values = append(values, v.text)
			} else if published { // it is there already and keeps its time
				values = append(values, value)
			}
		}
		if published && !slices.Contains(values, value) {
			values = append(values, value)
		}
		s.dns.set(name, recordType, values, s.clock.Now())
	}
	return nil
}

func putDNS(c *call) error {
	var in DNSRecord
	if err := c.decode(&in); err != nil {
		return err
	}
	return c.srv.PutDNS(in.Name, in.Type, in.Values...)
}

func publishDomain(c *call) error {
	in := struct {
		Published bool `json:"published"`
	}{Published: true}
	if len(c.body) > 0 {
		if err := c.decode(&in); err != nil {
			return err
		}
	}
	return c.srv.PublishDomain(c.param(0), in.Published)
}
