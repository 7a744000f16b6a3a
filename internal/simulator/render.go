package simulator

import (
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// renderer writes objects as JSON straight from their packed properties.
type renderer struct {
	buf      []byte
	selected []string                 // nil: each type's default properties
	columns  map[*tenant.Entity][]int // what that means for each type
	at       []string                 // raw values of the object at hand, by index
}

func newRenderer(selected []string, room int) *renderer {
	return &renderer{buf: make([]byte, 0, room), selected: selected, columns: map[*tenant.Entity][]int{}}
}

// of is the properties to write for a type.
func (r *renderer) of(e *tenant.Entity) []int {
	if columns, ok := r.columns[e]; ok {
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
	r.columns[e] = columns
	return columns
}

// form says how an object is written.
type form uint8

const (
	plain   form = iota
	typed        // with @odata.type, as in a collection of directoryObject
	withNil      // typed, but all properties null: unreadable
	bare         // only @odata.type and id
)

// object appends one object.
func (r *renderer) object(o *tenant.Object, f form) {
	r.buf = append(r.buf, '{')
	if f != plain {
		r.buf = append(r.buf, `"@odata.type":"`...)
		r.buf = append(r.buf, o.Entity.ODataType()...)
		r.buf = append(r.buf, '"', ',')
	}
	if f == withNil || f == bare {
		r.shadow(o, f)
	} else {
		r.properties(o)
	}
	if last := len(r.buf) - 1; r.buf[last] == ',' {
		r.buf = r.buf[:last]
	}
	r.buf = append(r.buf, '}')
}

func (r *renderer) properties(o *tenant.Object) {
	columns, props := r.of(o.Entity), o.Entity.Properties()
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
		r.buf = append(r.buf, props[i].Key...)
		switch {
		case i == o.Entity.KeyIndex:
			r.buf = rawjson.AppendQuoted(r.buf, o.ID)
		case r.at[i] != "":
			r.buf = append(r.buf, r.at[i]...)
		default:
			r.buf = append(r.buf, props[i].Zero...)
		}
		r.buf = append(r.buf, ',')
	}
	for rest := o.Props; rest != ""; {
		var i int
		i, _, rest = tenant.Unpack(rest)
		r.at[i] = ""
	}
}

// shadow writes an object that the caller may not read [graph 2].
func (r *renderer) shadow(o *tenant.Object, f form) {
	r.buf = append(r.buf, `"id":`...)
	r.buf = append(rawjson.AppendQuoted(r.buf, o.ID), ',')
	if f == bare {
		return
	}
	for _, i := range r.of(o.Entity) {
		if i != o.Entity.KeyIndex {
			r.buf = append(r.buf, o.Entity.Prop(i).Key...)
			r.buf = append(r.buf, "null,"...)
		}
	}
}

// context is the value of @odata.context for a collection, with the selected properties
// [graph 1.1].
func (c *graphCall) context(set string, selected []string) string {
	s := c.Base + "/v1.0/$metadata#" + set
	if selected != nil {
		s += "(" + strings.Join(selected, ",") + ")"
	}
	return s
}

// one answers a single object.
func (c *graphCall) one(status int, o *tenant.Object, set string, selected []string) *kernel.Response {
	r := newRenderer(selected, 1024)
	r.object(o, plain)
	head := `{"@odata.context":` + rawjson.Quote(c.context(set, selected)+"/$entity") + ","
	return c.json(status, append([]byte(head), r.buf[1:]...))
}

// page is what a collection answers once.
type page struct {
	context string
	count   int // -1: not asked for
	next    string
	delta   string
	members func(*renderer) // writes the elements, each followed by a comma
	room    int
}

// answerPage writes a page. Graph puts the annotations in front of the values.
func (c *graphCall) answerPage(p page, selected []string) *kernel.Response {
	r := newRenderer(selected, p.room*320+512)
	r.buf = append(r.buf, `{"@odata.context":`...)
	r.buf = rawjson.AppendQuoted(r.buf, p.context)
	if p.count >= 0 {
		r.buf = append(r.buf, `,"@odata.count":`...)
		r.buf = strconv.AppendInt(r.buf, int64(p.count), 10)
	}
	next := c.NextLink(p.next)
	if next != "" {
		r.buf = append(r.buf, `,"@odata.nextLink":`...)
		r.buf = rawjson.AppendQuoted(r.buf, next)
	}
	if p.delta != "" && next == "" {
		r.buf = append(r.buf, `,"@odata.deltaLink":`...)
		r.buf = rawjson.AppendQuoted(r.buf, p.delta)
	}
	r.buf = append(r.buf, `,"value":[`...)
	p.members(r)
	if last := len(r.buf) - 1; r.buf[last] == ',' {
		r.buf = r.buf[:last]
	}
	r.buf = append(r.buf, ']', '}')
	return c.json(200, r.buf)
}
