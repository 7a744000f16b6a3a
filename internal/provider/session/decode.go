// Package session is the configured provider: its clients, what it reads, each
// once for all who ask, its locks and its waits.
package session

import (
	"sync"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Tenant is a decoded directory with its look-up.
type Tenant struct {
	*directory.Directory
	Lookup *directory.Lookup
}

// decoded keeps the readings that this process decoded last: a plan hands the
// same text to every resource. Keys are the texts themselves, which Terraform
// keeps alive anyway.
var decoded = struct {
	sync.Mutex
	list []*decoding
}{}

const maxDecoded = 4

type decoding struct {
	text   string
	once   sync.Once
	tenant *Tenant
	err    error
}

// Decode decodes a directory's reading, once for each text.
func Decode(text string) (*Tenant, error) {
	d := decodingOf(text)
	d.once.Do(func() {
		dir, err := directory.DecodeDirectory(text)
		if err != nil {
			d.err = err
			return
		}
		d.tenant = &Tenant{Directory: dir, Lookup: directory.NewLookup(dir)}
	})
	return d.tenant, d.err
}

// Encode gives a directory's reading, and keeps the directory as what Decode gives of
// it: a plan hands on what it has just read, and a reading decodes to what it was made
// of. One with jobs is decoded all the same: their documents are kept as JSON, whose
// blanks a reading doesn't carry.
func Encode(dir *directory.Directory) (string, error) {
	text, err := dir.EncodeReading()
	if err != nil || len(dir.Jobs) > 0 {
		return text, err
	}
	d := decodingOf(text)
	d.once.Do(func() { d.tenant = &Tenant{Directory: dir, Lookup: directory.NewLookup(dir)} })
	return text, nil
}

func decodingOf(text string) *decoding {
	decoded.Lock()
	defer decoded.Unlock()
	for _, d := range decoded.list {
		if d.text == text {
			return d
		}
	}
	d := &decoding{text: text}
	decoded.list = append(decoded.list, d)
	if len(decoded.list) > maxDecoded {
		decoded.list = decoded.list[1:]
	}
	return d
}
