package domain

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// lookTime bounds one look at DNS, which only serves to say more in an error.
const lookTime = 10 * time.Second

// maxShown is how many records of a domain an error shows: busy domains have
// dozens of TXT records.
const maxShown = 10

// seen is what this machine's DNS answers about the records of a domain.
type seen struct {
	// found: one of the records is there as it shall be.
	found bool
	// answer says what DNS has instead, in a line for each kind of record.
	answer string
	// texts are the TXT records that DNS has.
	texts []string
}

// look asks DNS for the records, by absolute names, so that the machine's
// search domains don't interfere.
func look(ctx context.Context, resolver session.Resolver, records []entra.DNSRecord) seen {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	var out seen
	var lines []string
	for _, r := range records {
		var have []string
		var err error
		switch r.Type {
		case "TXT":
			have, err = resolver.LookupTXT(ctx, r.Label+".")
			out.texts = append(out.texts, have...)
		case "MX":
			var exchanges []*net.MX
			exchanges, err = resolver.LookupMX(ctx, r.Label+".")
			for _, x := range exchanges {
				have = append(have, strings.TrimSuffix(x.Host, "."))
			}
		default:
			continue
		}
		for _, value := range have {
			if value == r.Value || r.Type == "MX" && strings.EqualFold(value, strings.TrimSuffix(r.Value, ".")) {
				out.found = true
			}
		}
		lines = append(lines, fmt.Sprintf("  %s  %s  %s", r.Label, r.Type, answered(have, err)))
	}
	out.answer = strings.Join(lines, "\n")
	return out
}

// answered says what DNS gave for one kind of record.
func answered(have []string, err error) string {
	var failure *net.DNSError
	switch {
	case len(have) > 0:
		shown := make([]string, 0, maxShown)
		for _, value := range have[:min(len(have), maxShown)] {
			shown = append(shown, `"`+text.Plain(value)+`"`)
		}
		s := strings.Join(shown, ", ")
		if more := len(have) - maxShown; more > 0 {
			s += fmt.Sprintf(" and %d more", more)
		}
		return s
	case err == nil, errors.As(err, &failure) && failure.IsNotFound:
		return "no such record"
	case errors.As(err, &failure) && failure.IsTimeout, errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.As(err, &failure):
		return "no answer: " + text.Plain(failure.Err)
	}
	return "no answer: " + text.Plain(err.Error())
}

// dnsReport is the part of an error about what DNS has.
func dnsReport(check bool, s seen) string {
	if !check {
		return "What DNS answers wasn't looked at (check_dns = false)."
	}
	text := "DNS answers this machine:\n" + s.answer
	if s.found {
		text += "\nSo the record is there as seen from here; the service's own DNS may still have an older answer, " +
			"or another view of the zone."
	}
	return text
}
