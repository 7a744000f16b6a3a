package entra

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// isCredential reports whether a value is to be hidden. One of up to three
// characters would be found in any text; words of settings are in messages.
func (s Secret) isCredential() bool {
	switch strings.ToLower(s.Value) {
	case "true", "false", "syncpolicy":
		return false
	}
	return len(s.Value) > 3
}

const redacted = "(redacted)"

// redact takes the values of credentials out of an error: the service may echo
// what it was sent.
func redact(err error, secrets []Secret) error {
	if err == nil {
		return nil
	}
	r := redactor(secrets)
	var e *Error
	if errors.As(err, &e) {
		e.Code, e.Message = r.Replace(e.Code), r.Replace(e.Message)
		return err
	}
	if text := r.Replace(err.Error()); text != err.Error() {
		return errors.New(text) // nothing that it wraps may show
	}
	return err
}

// redactor replaces the values as they are, and as they stand in JSON (twice
// over too: the service wraps JSON in JSON) and in an address.
func redactor(secrets []Secret) *strings.Replacer {
	var values []string
	for _, s := range secrets {
		if !s.isCredential() {
			continue
		}
		// The service may echo a value without the white space around it.
		for _, v := range []string{s.Value, strings.TrimSpace(s.Value)} {
			once := inJSON(v)
			values = append(values, v, once, inJSON(once), url.QueryEscape(v), url.PathEscape(v))
		}
	}
	// The replacer takes the first that fits: a longer one before its own part.
	slices.SortFunc(values, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	var pairs []string
	for _, v := range slices.Compact(values) {
		pairs = append(pairs, v, redacted)
	}
	return strings.NewReplacer(pairs...)
}

// inJSON is a text as it stands between the quotes of a JSON string.
func inJSON(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		return s
	}
	return string(raw[1 : len(raw)-1])
}
