// Package arguments holds the arguments that several nouns take, and what they
// compute alike: which connector is meant and how it is set, what is assumed,
// whom a match takes, how users are shown. Each is described once, here, and
// becomes the attributes and blocks of a resource or of a data source, or the
// object that a function answers.
package arguments

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Argument is one argument, or one computed attribute, whatever the kind of
// schema that it stands in.
type Argument struct {
	Name        string
	Description string
	// Type is that of a simple argument: a truth value, a number, a text, or a
	// collection of those.
	Type attr.Type
	// Object has what is inside of an object, Objects of a list of objects.
	Object    []Argument
	Objects   []Argument
	Required  bool
	Computed  bool
	Sensitive bool
	// Validators of the argument's own type.
	Strings []validator.String
	Sets    []validator.Set
	Lists   []validator.List
}

// optional reports an argument that may be left out.
func (a Argument) optional() bool { return !a.Required && !a.Computed }

// Block is a block of arguments that stands once. An absent one, an empty one
// and one of nulls mean the same, so that a module can pass what it was given:
// nothing inside is required by the schema.
type Block struct {
	Name        string
	Description string
	Arguments   []Argument
}

var (
	stringSet  = types.SetType{ElemType: types.StringType}
	stringList = types.ListType{ElemType: types.StringType}
	stringsMap = types.MapType{ElemType: stringList}
)

// text is an optional text that isn't empty.
func text(name, description string) Argument {
	return Argument{
		Name:        name,
		Description: description,
		Type:        types.StringType,
		Strings:     []validator.String{stringvalidator.LengthAtLeast(1)},
	}
}

// oneOf is an optional text that is one of some words.
func oneOf(name, description string, words ...string) Argument {
	return Argument{
		Name:        name,
		Description: description,
		Type:        types.StringType,
		Strings:     []validator.String{stringvalidator.OneOf(words...)},
	}
}

// names is an optional set of texts, none of them empty.
func names(name, description string, more ...validator.Set) Argument {
	return Argument{
		Name:        name,
		Description: description,
		Type:        stringSet,
		Sets:        append([]validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))}, more...),
	}
}

// flag is an optional truth value.
func flag(name, description string) Argument {
	return Argument{Name: name, Description: description, Type: types.BoolType}
}

// computed makes arguments computed, with what is inside.
func computed(list ...Argument) []Argument {
	for i := range list {
		list[i].Computed = true
		computed(list[i].Object...)
		computed(list[i].Objects...)
	}
	return list
}

// ObjectTypes are the types of arguments, as an object has them.
func ObjectTypes(list []Argument) map[string]attr.Type {
	out := make(map[string]attr.Type, len(list))
	for _, a := range list {
		switch {
		case a.Object != nil:
			out[a.Name] = types.ObjectType{AttrTypes: ObjectTypes(a.Object)}
		case a.Objects != nil:
			out[a.Name] = types.ListType{ElemType: types.ObjectType{AttrTypes: ObjectTypes(a.Objects)}}
		default:
			out[a.Name] = a.Type
		}
	}
	return out
}
