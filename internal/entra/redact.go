package entra

import (
	"errors"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
)

// secretValues are the values to hide: words of settings are in messages.
func secretValues(secrets []Secret) []string {
	values := make([]string, 0, len(secrets))
	for _, s := range secrets {
		if !slices.Contains([]string{"true", "false", "syncpolicy"}, strings.ToLower(s.Value)) {
			values = append(values, s.Value)
		}
	}
	return values
}

// redact takes the values of credentials out of an error: the service may echo
// what it was sent.
func redact(err error, secrets []Secret) error {
	if err == nil {
		return nil
	}
	hide := sanitize.New(secretValues(secrets)...)
	var e *graph.Error
	if errors.As(err, &e) {
		e.Code, e.Message = hide.Hide(e.Code), hide.Hide(e.Message)
		return err
	}
	if text := hide.Hide(err.Error()); text != err.Error() {
		return errors.New(text) // nothing that it wraps may show
	}
	return err
}
