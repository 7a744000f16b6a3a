package odata

import (
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// Renderer writes objects as JSON straight from their packed properties.
type Renderer struct {
	Buf      []byte
	selected []string                 // nil: each type's default properties
	Columns  map[*tenant.Entity][]int // what that means for each type
	at       []string                 // raw values of the object at hand, by index
}

// NewRenderer writes the selected properties, into a buffer of a size.
func NewRenderer(selected []string, room int) *Renderer {
	return &Renderer{Buf: make([]byte, 0, room), selected: selected, Columns: map[*tenant.Entity][]int{}}
}

// ColumnsOf is the properties to write for a type.
func (r *Renderer) ColumnsOf(e *tenant.Entity) []int {
	if columns, ok := r.Columns[e]; ok {
		return columns
	}
	columns := e.Defaults
	if r.selected != nil {
		columns = []int{}
		for _, name := range r.selected {
			if i, ok := e.Find(name); ok {
				columns = append(columns, i)
			}
		}
	}
	r.Columns[e] = columns
	return columns
}

// Form says how an object is written.
type Form uint8

// The forms of an object.
const (
	Plain   Form = iota
	Typed        // with @odata.type, as in a collection of directoryObject
	AllNull      // typed, but all properties null: unreadable
	Bare         // only @odata.type and id
)

// Object appends one object.
func (r *Renderer) Object(o *tenant.Object, f Form) {
	r.Buf = append(r.Buf, '{')
	if f != Plain {
		r.Buf = append(r.Buf, `"@odata.type":"`...)
		r.Buf = append(r.Buf, o.Entity.ODataType()...)
		r.Buf = append(r.Buf, '"', ',')
	}
	if f == AllNull || f == Bare {
		r.shadow(o, f)
	} else {
		r.properties(o)
	}
	if last := len(r.Buf) - 1; r.Buf[last] == ',' {
		r.Buf = r.Buf[:last]
	}
	r.Buf = append(r.Buf, '}')
}

func (r *Renderer) properties(o *tenant.Object) {
	columns, props := r.ColumnsOf(o.Entity), o.Entity.Properties()
	if len(r.at) < len(props) {
		r.at = make([]string, len(props))
	}
	for rest := o.Props; rest != ""; {
		var i int
		var raw string
		i, raw, rest = tenant.Unpack(rest)
		r.at[i] = raw
	}
	for _, i := range columns {
		r.Buf = append(r.Buf, props[i].Key...)
		switch {
		case i == o.Entity.KeyIndex:
			r.Buf = rawjson.AppendQuoted(r.Buf, o.ID)
		case r.at[i] != "":
			r.Buf = append(r.Buf, r.at[i]...)
		default:
			r.Buf = append(r.Buf, props[i].Zero...)
		}
		r.Buf = append(r.Buf, ',')
	}
	for rest := o.Props; rest != ""; {
		var i int
		i, _, rest = tenant.Unpack(rest)
		r.at[i] = ""
	}
}

// shadow writes an object that the caller may not read [graph 2].
func (r *Renderer) shadow(o *tenant.Object, f Form) {
	r.Buf = append(r.Buf, `"id":`...)
	r.Buf = append(rawjson.AppendQuoted(r.Buf, o.ID), ',')
	if f == Bare {
		return
	}
	for _, i := range r.ColumnsOf(o.Entity) {
		if i != o.Entity.KeyIndex {
			r.Buf = append(r.Buf, o.Entity.Prop(i).Key...)
			r.Buf = append(r.Buf, "null,"...)
		}
	}
}

// Page is what a collection answers once.
type Page struct {
	Context string
	Count   int // -1: not asked for
	Next    string
	Delta   string
	Members func(*Renderer) // writes the elements, each followed by a comma
	Room    int
}
