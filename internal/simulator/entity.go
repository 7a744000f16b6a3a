package simulator

import (
	"regexp"
	"strings"
	"sync"
)

// kind is the type of a property, named after the CSDL type it stands for.
type kind uint8

const (
	kindString kind = iota
	kindBool
	kindInt32
	kindDateTime
	kindStrings    // Collection(Edm.String)
	kindIdentities // Collection(graph.objectIdentity)
	kindExtensions // graph.onPremisesExtensionAttributes
	kindObject     // any other complex type, checked for being an object only
	kindObjects    // a collection of those
)

// edm is the name of a kind in metadata and in error messages.
func (k kind) edm() string {
	switch k {
	case kindBool:
		return "Edm.Boolean"
	case kindInt32:
		return "Edm.Int32"
	case kindDateTime:
		return "Edm.DateTimeOffset"
	case kindStrings:
		return "Collection(Edm.String)"
	case kindIdentities:
		return "Collection(graph.objectIdentity)"
	case kindExtensions:
		return "graph.onPremisesExtensionAttributes"
	case kindObject:
		return "a complex type"
	case kindObjects:
		return "a collection of a complex type"
	default:
		return "Edm.String"
	}
}

func (k kind) collection() bool {
	return k == kindStrings || k == kindIdentities || k == kindObjects
}

// trait says what else is known of a property.
type trait uint8

const (
	byDefault trait = 1 << iota // answered without $select
	readOnly                    // refused in POST and PATCH
	cloudOwn                    // writable on a user synced from on premises
	required                    // needed in POST
	notNull                     // can't be cleared
)

// The columns of [graph 1.3], in the table's order. A capability string has one letter for each:
// D works by default, A needs an advanced query, - isn't supported.
const (
	capEq = iota
	capNe
	capNot
	capRange // ge, le
	capIn
	capStartsWith
	capNull // eq null
)

const unfilterable = "-------"

// property describes one property of an entity.
type property struct {
	name   string
	kind   kind
	caps   string
	traits trait
	max    int    // longest text accepted, 0 for no limit
	zero   string // how it reads while unset: null, or [] for a collection, unless given here

	key string // `"name":`, computed
}

func (p *property) has(t trait) bool { return p.traits&t != 0 }

// entity is a type of the service: its properties in the order of their names.
type entity struct {
	name  string // microsoft.graph.<name>
	set   string // the collection in @odata.context
	title string // how messages name the resource
	keyed string // the property that identifies it
	props []property

	mu       sync.RWMutex // guards props and byName, which grow with directory extensions
	byName   map[string]int
	keyIndex int
	defaults []int
	orderBy  []string // properties that $orderby accepts
	searches []string // properties that $search accepts
}

func newEntity(e *entity) *entity {
	e.byName = make(map[string]int, len(e.props))
	for i := range e.props {
		p := &e.props[i]
		p.key = `"` + p.name + `":`
		if p.zero == "" {
			p.zero = "null"
			if p.kind.collection() {
				p.zero = "[]"
			}
		}
		e.byName[p.name] = i
		if p.has(byDefault) {
			e.defaults = append(e.defaults, i)
		}
	}
	e.keyIndex = e.byName[e.keyed]
	return e
}

// odataType is the value of @odata.type.
func (e *entity) odataType() string { return "#microsoft.graph." + e.name }

// extensionName is the form of a directory extension [graph 1.1].
var extensionName = regexp.MustCompile(`^extension_[0-9a-fA-F]{32}_\w+$`)

// find is the index of a property. Directory extensions of users come into being when first named;
// names are matched exactly, as OData does.
func (e *entity) find(name string) (int, bool) {
	e.mu.RLock()
	i, ok := e.byName[name]
	e.mu.RUnlock()
	if ok || e.name != "user" || !strings.HasPrefix(name, "extension_") || !extensionName.MatchString(name) {
		return i, ok
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if i, ok = e.byName[name]; ok {
		return i, true
	}
	i = len(e.props)
	grown := make([]property, i, i+1) // readers keep the old slice
	copy(grown, e.props)
	e.props = append(grown, property{name: name, kind: kindString, caps: "DAADDD-", key: `"` + name + `":`, zero: "null"})
	e.byName[name] = i
	return i, true
}

// index is find for a name that there is.
func (e *entity) index(name string) int {
	i, _ := e.find(name)
	return i
}

// properties is the present list; it is never changed in place.
func (e *entity) properties() []property {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.props
}

func (e *entity) prop(i int) *property { return &e.properties()[i] }
