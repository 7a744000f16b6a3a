package odata

import (
	"regexp"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// MaxExpanded is the largest page with $expand: "a maximum of 100 objects" [graph 1.8, F].
const MaxExpanded = 100

// Expand is what $expand asks for: a relationship, with the properties of what it leads to.
type Expand struct {
	Name     string
	Selected []string // nil: the default properties
}

// Expanded is the object that a relationship leads to, nil for none.
type Expanded struct {
	*Expand
	Object *tenant.Object
}

var expandForm = regexp.MustCompile(`^(\w+)(?:\(\$select=([\w,]+)\))?$`)

// Expanded reads $expand of the relationship that may be expanded here; nil for none, or another.
func (c Reader) Expanded() *Expand {
	m := expandForm.FindStringSubmatch(c.Query.Value("$expand"))
	if m == nil || m[1] != c.Expandable || c.Expandable == "" {
		return nil
	}
	e := &Expand{Name: m[1]}
	if m[2] != "" {
		e.Selected = strings.Split(m[2], ",")
	}
	return e
}

// Add appends the object to the one that was written last; of nobody nothing is written [graph 1.8, F].
func (x Expanded) Add(r *Renderer) {
	if x.Expand == nil || x.Object == nil {
		return
	}
	inner := NewRenderer(x.Selected, 256)
	inner.Object(x.Object, Typed)
	last := len(r.Buf) - 1
	r.Buf = r.Buf[:last]
	if r.Buf[last-1] != '{' {
		r.Buf = append(r.Buf, ',')
	}
	r.Buf = append(append(rawjson.AppendQuoted(r.Buf, x.Name), ':'), inner.Buf...)
	r.Buf = append(r.Buf, '}')
}
