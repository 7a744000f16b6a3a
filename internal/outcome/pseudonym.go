package outcome

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
)

// pseudonymMark begins a pseudonym; no principal name or address does.
// pseudonymDomain begins what stands for its domain.
const (
	pseudonymMark   = "\x00"
	pseudonymDomain = ":"
)

// pseudonym stands for a user's name or address where names aren't wanted: it
// tells whether it is still the same one, or in the same domain, and is as good
// as nothing to who doesn't know the name already. "" stays "", and a pseudonym stays itself.
func pseudonym(id, name string) string {
	if name == "" || strings.HasPrefix(name, pseudonymMark) {
		return name
	}
	sum := sha256.Sum256([]byte(id + "\x00" + name))
	domain := sha256.Sum256([]byte(id + "\x00" + domainPart(name)))
	return pseudonymMark + hex.EncodeToString(sum[:8]) + pseudonymDomain + hex.EncodeToString(domain[:4])
}

// WithoutNames is the outcome with pseudonyms in place of principal names and
// addresses; of nil, nil.
func (o *Outcome) WithoutNames() *Outcome {
	return o.renamed(func(r *Row) {
		same := r.Address == r.Name
		r.Name = pseudonym(r.ID, r.Name)
		if same {
			r.Address = r.Name
		} else {
			r.Address = pseudonym(r.ID, r.Address)
		}
		r.Basis.Address = pseudonym(r.ID, r.Basis.Address)
	})
}

// NamedAs gives pseudonyms their names back, as far as another outcome has
// them: those that changed since aren't known any more, and are the object id.
// Of nil, nil.
func (o *Outcome) NamedAs(other *Outcome) *Outcome {
	if o == nil ||
		!slices.ContainsFunc(o.Rows, func(r Row) bool {
			return strings.HasPrefix(cmp.Or(r.Name, r.Address), pseudonymMark)
		}) {
		return o
	}
	return o.renamed(func(r *Row) {
		var known Row
		if k := other.find(r.ID); k != nil {
			known = *k
		}
		r.Name, r.Address = unmask(r, r.Name, known.Name), unmask(r, r.Address, known.Address)
		if now := unmask(r, r.Basis.Address, known.Address); now != r.ID {
			r.Basis.Address = now
		}
	})
}

func unmask(r *Row, masked, known string) string {
	switch {
	case !strings.HasPrefix(masked, pseudonymMark):
		return masked
	case masked == pseudonym(r.ID, known) && !strings.HasPrefix(known, pseudonymMark):
		return known
	}
	return r.ID
}

// renamed copies the outcome with changed rows.
func (o *Outcome) renamed(change func(*Row)) *Outcome {
	if o == nil {
		return nil
	}
	out := *o
	out.Rows = slices.Clone(o.Rows)
	for i := range out.Rows {
		change(&out.Rows[i])
	}
	out.Records = slices.Clone(o.Records)
	for i := range out.Records {
		rec := &out.Records[i]
		row := Row{ID: rec.ID, Basis: rec.Basis}
		change(&row)
		rec.Basis = row.Basis
		rec.Names = slices.Clone(rec.Names)
		for k := range rec.Names {
			row = Row{ID: rec.ID, Basis: decision.Basis{Address: rec.Names[k]}}
			change(&row)
			rec.Names[k] = row.Basis.Address
		}
	}
	out.Past = slices.Clone(o.Past)
	for i := range out.Past {
		change(&out.Past[i].Row)
	}
	return &out
}
