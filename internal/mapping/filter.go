package mapping

import (
	"errors"
	"fmt"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// Filter is a filter over a directory's users, with Graph's names of
// properties. It isn't safe for concurrent use.
type Filter struct {
	program *scoping.Program
	readers []reader
	row     expression.Row
}

// CompileFilter prepares a filter. A property that the reading lacks is a
// *MissingAttributesError, a mistake of scoping.Errors.
func CompileFilter(f scoping.Spec, d *directory.Directory) (*Filter, error) {
	p, err := scoping.Compile(f.Filter().Groups, nil, scoping.Options{})
	if err != nil {
		return nil, err
	}
	out := &Filter{program: p}
	var missing []MissingAttribute
	for _, name := range p.Attributes() {
		r, ok := graphReader(name, d)
		if near := otherCase(name); !ok && near != "" {
			return nil, fmt.Errorf("the filter uses %s, and names of attributes are case-sensitive: did you mean "+
				"%s?", name, GraphName(near))
		}
		if !ok && name == AttributeRoles {
			return nil, errors.New("the filter uses appRoleAssignments: app roles belong to an application, and " +
				"not to the user. Use the groups that are assigned instead")
		}
		if !ok && slices.Contains(Hidden, name) {
			return nil, fmt.Errorf("the filter uses %s, which Graph doesn't show to anyone", name)
		}
		if !ok {
			missing = append(missing, MissingAttribute{"the filter", ProvisioningName(name)})
		}
		out.readers = append(out.readers, r)
	}
	if len(missing) > 0 {
		return nil, &MissingAttributesError{missing}
	}
	return out, nil
}

// graphReader reads a property by Graph's name: unlike provisioning's, the
// principal name is the whole one.
func graphReader(name string, d *directory.Directory) (reader, bool) {
	if name == "userPrincipalName" {
		return readerOf("originalUserPrincipalName", d)
	}
	return readerOf(ProvisioningName(name), d)
}

// Match reports whether the user at a position passes.
func (f *Filter) Match(i int32) (bool, error) {
	f.row = f.row[:0]
	for _, read := range f.readers {
		f.row = append(f.row, read(i))
	}
	return f.program.Match(f.row)
}
