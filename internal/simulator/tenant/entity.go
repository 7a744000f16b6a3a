package tenant

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Kind is the type of a property, named after the CSDL type it stands for.
type Kind uint8

// The types of properties.
const (
	KindString Kind = iota
	KindBool
	KindInt32
	KindDateTime
	kindStrings    // Collection(Edm.String)
	KindIdentities // Collection(graph.objectIdentity)
	KindExtensions // graph.onPremisesExtensionAttributes
	KindObject     // any other complex type, checked for being an object only
	KindObjects    // a collection of those
)

// EDM is the name of a kind in metadata and in error messages.
func (k Kind) EDM() string {
	switch k {
	case KindBool:
		return "Edm.Boolean"
	case KindInt32:
		return "Edm.Int32"
	case KindDateTime:
		return "Edm.DateTimeOffset"
	case kindStrings:
		return "Collection(Edm.String)"
	case KindIdentities:
		return "Collection(graph.objectIdentity)"
	case KindExtensions:
		return "graph.onPremisesExtensionAttributes"
	case KindObject:
		return "a complex type"
	case KindObjects:
		return "a collection of a complex type"
	default:
		return "Edm.String"
	}
}

// Collection says whether it is of several values.
func (k Kind) Collection() bool {
	return k == kindStrings || k == KindIdentities || k == KindObjects
}

// trait says what else is known of a property.
type trait uint8

// The traits.
const (
	byDefault trait = 1 << iota // answered without $select
	ReadOnly                    // refused in POST and PATCH
	CloudOwn                    // writable on a user synced from on premises
	Required                    // needed in POST
	NotNull                     // can't be cleared
)

// The columns of [graph 1.3], in the table's order. A capability string has one letter for each:
// D works by default, A needs an advanced query, - isn't supported.
const (
	CapEq = iota
	CapNe
	CapNot
	CapRange // ge, le
	CapIn
	CapStartsWith
	CapNull // eq null
)

// Unfilterable is the capability of a property that $filter doesn't take.
const Unfilterable = "-------"

// Property describes one property of an entity.
type Property struct {
	Name   string
	Kind   Kind
	Caps   string
	traits trait
	Max    int    // longest text accepted, 0 for no limit
	Zero   string // how it reads while unset: null, or [] for a collection, unless given here

	Key string // `"name":`, computed
}

// Has says whether the property has a trait.
func (p *Property) Has(t trait) bool { return p.traits&t != 0 }

// Entity is a type of the service: its properties in the order of their names.
type Entity struct {
	Name  string // microsoft.graph.<name>
	Set   string // the collection in @odata.context
	Title string // how messages name the resource
	keyed string // the property that identifies it
	Props []Property

	mu       sync.RWMutex // guards props and byName, which grow with directory extensions
	ByName   map[string]int
	KeyIndex int
	Defaults []int
	OrderBy  []string // properties that $orderby accepts
	Searches []string // properties that $search accepts
	unbuilt  string   // properties that Graph has and the simulator hasn't
}

func newEntity(e *Entity) *Entity {
	e.ByName = make(map[string]int, len(e.Props))
	for i := range e.Props {
		p := &e.Props[i]
		p.Key = `"` + p.Name + `":`
		if p.Zero == "" {
			p.Zero = "null"
			if p.Kind.Collection() {
				p.Zero = "[]"
			}
		}
		e.ByName[p.Name] = i
		if p.Has(byDefault) {
			e.Defaults = append(e.Defaults, i)
		}
	}
	e.KeyIndex = e.ByName[e.keyed]
	return e
}

// ODataType is the value of @odata.type.
func (e *Entity) ODataType() string { return "#microsoft.graph." + e.Name }

// extensionName is the form of a directory extension [graph 1.1].
var extensionName = regexp.MustCompile(`^extension_[0-9a-fA-F]{32}_\w+$`)

// Find is the index of a property. Directory extensions of users come into being when first named;
// names are matched exactly, as OData does.
func (e *Entity) Find(name string) (int, bool) {
	e.mu.RLock()
	i, ok := e.ByName[name]
	e.mu.RUnlock()
	if ok || e.Name != "user" || !strings.HasPrefix(name, "extension_") || !extensionName.MatchString(name) {
		return i, ok
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if i, ok = e.ByName[name]; ok {
		return i, true
	}
	i = len(e.Props)
	grown := make([]Property, i, i+1) // readers keep the old slice
	copy(grown, e.Props)
	e.Props = append(
		grown,
		Property{Name: name, Kind: KindString, Caps: "DAADDD-", Key: `"` + name + `":`, Zero: "null"},
	)
	e.ByName[name] = i
	return i, true
}

// Index is find for a name that there is.
func (e *Entity) Index(name string) int {
	i, _ := e.Find(name)
	return i
}

// Properties is the present list; it is never changed in place.
func (e *Entity) Properties() []Property {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.Props
}

// Prop is the property at an index.
func (e *Entity) Prop(i int) *Property { return &e.Properties()[i] }

// Unbuilt says whether a property is one that Graph has and the simulator hasn't.
func (e *Entity) Unbuilt(name string) bool { return slices.Contains(strings.Fields(e.unbuilt), name) }
