package directory

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/usersync/terraform-provider-usersync/internal/jsonscan"
)

// federatedElsewhere reports an identity that another tenant or provider issued:
// "federated" is how Graph marks those [graph 1.6].
func federatedElsewhere(v jsontext.Value) (bool, error) {
	if v.Kind() != '[' {
		return false, nil
	}
	if elsewhere, ok := plainIdentities(v); ok {
		return elsewhere, nil
	}
	var list []identity[string]
	if err := unmarshal(v, &list); err != nil {
		return false, err
	}
	return slices.ContainsFunc(list, func(i identity[string]) bool { return i.elsewhere() }), nil
}

// federatedElsewhere is the function of that name. Most identities of a tenant differ in
// the last property alone, which decides nothing: what comes before it is compared.
func (d *Decoder) federatedElsewhere(v jsontext.Value) (bool, error) {
	for i, begin := range d.identities {
		if n := len(begin); n > 0 && len(v) > n && string(v[:n]) == begin && endsIdentities(v[n:]) {
			return i == 1, nil
		}
	}
	elsewhere, err := federatedElsewhere(v)
	if last := bytes.LastIndex(v, assignedID); err == nil && last >= 0 {
		if n := last + len(assignedID); endsIdentities(v[n:]) {
			d.identities[bit(elsewhere, 0)] = string(v[:n])
		}
	}
	return elsewhere, err
}

// assignedID stands in JSON before the value of issuerAssignedId, and nowhere else: in
// text its quotes would be escaped.
var assignedID = []byte(`"issuerAssignedId":"`)

// endsIdentities reports a text that ends the last property of the last identity.
func endsIdentities(rest []byte) bool {
	const end = `"}]`
	at := len(rest) - len(end)
	return at >= 0 && string(rest[at:]) == end && bytes.IndexByte(rest, '"') == at && jsonscan.Plain(rest[:at])
}

// identity is what Graph tells of one.
type identity[T ~string | ~[]byte] struct {
	SignInType T `json:"signInType"`
	Issuer     T `json:"issuer"`
}

func (i identity[T]) elsewhere() bool {
	return strings.EqualFold(string(i.SignInType), "federated") ||
		strings.EqualFold(string(i.Issuer), "ExternalAzureAD")
}

// plainIdentities is federatedElsewhere of what is written as Graph writes it. ok is
// false where the library must look.
func plainIdentities(v jsontext.Value) (elsewhere, ok bool) {
	i := 0
	for first := true; ; first = false {
		at, done, ok := jsonscan.Element(v, i, first)
		if done || !ok {
			return elsewhere, ok
		}
		var one identity[[]byte]
		if one, i, ok = plainIdentity(v, at); !ok {
			return false, false
		}
		elsewhere = elsewhere || one.elsewhere()
	}
}

func plainIdentity(v []byte, i int) (one identity[[]byte], end int, ok bool) {
	if v[i] != '{' {
		return one, i, false
	}
	for first := true; ; first = false {
		key, at, done, ok := jsonscan.Property(v, i, first)
		if done || !ok {
			return one, at, ok
		}
		if i, ok = jsonscan.Value(v, at); !ok || !plain(key) {
			return one, i, false
		}
		var to *[]byte
		switch name := key[1 : len(key)-1]; {
		case len(name) == len("signInType") && bytes.EqualFold(name, []byte("signInType")):
			to = &one.SignInType
		case len(name) == len("issuer") && bytes.EqualFold(name, []byte("issuer")):
			to = &one.Issuer
		default:
			continue
		}
		if !plain(v[at:i]) {
			return one, i, false
		}
		*to = v[at+1 : i-1]
	}
}
