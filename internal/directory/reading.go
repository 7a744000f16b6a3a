package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/packed"
)

// ReadingVersion is the version of the reading's format that this provider
// writes, and the only one that it reads.
const ReadingVersion = 2

// The kinds of reading, in its fifth byte.
const (
	kindDirectory    = 'D'
	kindOrganization = 'O'
)

// ReadingError says why a text is no reading that can be used.
type ReadingError struct {
	// Reason tells what is wrong and what to do.
	Reason string
}

func (e *ReadingError) Error() string { return e.Reason }

func damaged(format string, args ...any) error {
	return &ReadingError{Reason: "The reading is damaged: " + fmt.Sprintf(format, args...) +
		". Pass the attribute \"reading\" of the data source as it is."}
}

// errColumns is a payload whose columns don't fit together.
var errColumns = errors.New("its columns have different lengths")

// largest is the size that a reading may have; tests lower it.
var largest = packed.Max

// seal puts the envelope around a payload.
func seal(kind byte, payload []byte) (string, error) {
	text, err := packed.SealWithin(largest, kind, ReadingVersion, payload)
	if errors.Is(err, packed.ErrTooBig) {
		return "", &ReadingError{Reason: "The reading is " + err.Error() + ". Narrow it: name the groups whose " +
			"members matter in \"groups\", and leave out \"attributes\" that no mapping or filter uses."}
	}
	return text, err
}

// open takes the envelope off and answers the payload.
func open(kind byte, reading string) ([]byte, error) {
	payload, version, err := packed.Open(kind, ReadingVersion, reading)
	if err == nil && version != ReadingVersion { // an older one isn't read: each plan makes its own
		err = packed.ErrVersion
	}
	switch {
	case err == nil:
		return payload, nil
	case errors.Is(err, packed.ErrForeign):
		return nil, &ReadingError{Reason: "This is no reading. " + wanted(kind)}
	case errors.Is(err, packed.ErrKind):
		return nil, &ReadingError{Reason: "This reading is of the other kind. " + wanted(kind)}
	case errors.Is(err, packed.ErrVersion):
		return nil, &ReadingError{Reason: fmt.Sprintf(
			"The reading has format version %d; this provider reads version %d. It was made by another version of "+
				"the provider: make it again with this one, or use that one here.",
			version, ReadingVersion)}
	}
	return nil, damaged("it is cut short or changed")
}

func wanted(kind byte) string {
	if kind == kindDirectory {
		return `Expected the attribute "reading" of a usersync_directory data source.`
	}
	return `Expected the attribute "reading" of a usersync_organization data source.`
}

// header goes before the columns of a directory.
type header struct {
	TenantID   string   `json:"tenant_id"`
	Below      []string `json:"below"`
	Attributes []string `json:"attributes"`
	Jobs       []Job    `json:"jobs,omitempty"`
}

// EncodeReading gives the directory's reading: the same facts give the same
// text. It fails with a *ReadingError where that would be too large to pass.
func (d *Directory) EncodeReading() (string, error) {
	w := &writer{}
	w.Reserve(d.packedSize())
	h, err := json.Marshal(
		header{TenantID: d.TenantID, Below: d.Below, Attributes: append([]string{}, d.Attributes...), Jobs: d.Jobs},
	)
	if err != nil {
		return "", err
	}
	w.Text(string(h))
	w.domains(d.Domains)
	w.users(d.Users)
	for _, c := range d.Columns {
		w.Words(len(c), func(i int) string { return c[i] })
	}
	w.groups(d.Groups)
	return seal(kindDirectory, w.B)
}

// packedSize is how many bytes the reading has at most, about, before it is compressed:
// where every mail and every attribute differs.
func (d *Directory) packedSize() int {
	const each = 32 // an id, numbers and the lengths of texts
	size := each * (len(d.Users) + len(d.Groups))
	for i := range d.Users {
		size += len(d.Users[i].UserPrincipalName) + len(d.Users[i].Mail)
	}
	for _, c := range d.Columns {
		for _, v := range c {
			size += 1 + len(v)
		}
	}
	for i := range d.Groups {
		size += len(d.Groups[i].DisplayName) + 2*len(d.Groups[i].Users)
	}
	return size
}

// DecodeDirectory reads a directory's reading. Every failure is a
// *ReadingError.
func DecodeDirectory(reading string) (d *Directory, err error) {
	payload, err := open(kindDirectory, reading)
	if err != nil {
		return nil, err
	}
	r := &reader{packed.Reader{S: string(payload)}}
	var h header
	if err := json.Unmarshal([]byte(r.Text()), &h); err != nil {
		return nil, damaged("its header is no JSON")
	}
	d = &Directory{TenantID: h.TenantID, Below: h.Below, Attributes: h.Attributes, Jobs: h.Jobs}
	if d.Attributes == nil {
		d.Attributes = []string{}
	}
	d.Domains = r.domains()
	d.Users = r.users()
	d.Columns = make([][]string, len(d.Attributes))
	for i := range d.Columns {
		d.Columns[i] = r.Words()
		if r.Err == nil && len(d.Columns[i]) != len(d.Users) {
			return nil, damaged(
				"attribute %q has %d values for %d users",
				d.Attributes[i],
				len(d.Columns[i]),
				len(d.Users),
			)
		}
	}
	d.Groups = r.groups(len(d.Users))
	if r.Err == nil && len(r.S) != r.At {
		r.Err = errors.New("more data than it announces")
	}
	if r.Err != nil {
		return nil, damaged("%v", r.Err)
	}
	d.byID = &positions{}
	return d, nil
}

// organizationReading is the payload of an organization's reading.
type organizationReading struct {
	ID       string         `json:"organization_id"`
	Domains  []Claim        `json:"domains"`
	Covered  bool           `json:"accounts_covered"`
	Accounts []Account      `json:"accounts,omitempty"`
	Groups   []AccountGroup `json:"groups,omitempty"`
	Records  *SCIMDirectory `json:"scim_records,omitempty"`
}

// EncodeReading gives the organization's reading: the same facts give the same
// text. Domains, accounts and groups are in canonical order already.
func (o *Organization) EncodeReading() (string, error) {
	accounts := slices.Clone(o.Accounts)
	for i := range accounts {
		accounts[i].ManagementSource = "" // decides nothing
	}
	payload, err := json.Marshal(organizationReading{o.ID, o.Domains, o.AccountsCovered, accounts, o.Groups, o.Records})
	if err != nil {
		return "", err
	}
	return seal(kindOrganization, payload)
}

// DecodeOrganization reads an organization's reading. Every failure is a
// *ReadingError.
func DecodeOrganization(reading string) (*Organization, error) {
	payload, err := open(kindOrganization, reading)
	if err != nil {
		return nil, err
	}
	var r organizationReading
	if err := json.Unmarshal(payload, &r); err != nil {
		return nil, damaged("%v", err)
	}
	return &Organization{
		ID:              r.ID,
		Domains:         r.Domains,
		AccountsCovered: r.Covered,
		Accounts:        r.Accounts,
		Groups:          r.Groups,
		Records:         r.Records,
	}, nil
}
