package syncjob

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/mapping"
)

// MappingID is the id of a usersync_provisioning_mapping. The target stands last, so that
// slashes in it divide nothing; in a rule's name and a source they are escaped.
func MappingID(sp, job, rule string, o mapping.Object) string {
	return strings.Join([]string{sp, job, Escaped(rule), Escaped(o.Source), o.Target}, "/")
}

// Escaped is a part of an id in which slashes divide nothing.
func Escaped(part string) string {
	return strings.NewReplacer("%", "%25", "/", "%2F").Replace(part)
}
