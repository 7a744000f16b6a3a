package odata

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// maxClauses is how many alternatives a filter may have: the directory answers more with "Too many
// child clauses specified in search filter expression containing 'OR' operators" [F].
const maxClauses = 15

// checker holds a filter against the table of [graph 1.3].
type checker struct {
	ent      *tenant.Entity
	advanced bool
	negated  bool   // under a not
	list     string // the collection whose any() this is
}

// check resolves the properties of a filter and refuses what the service would.
func (f *filter) check(e *tenant.Entity, advanced bool) *Error {
	k := &checker{ent: e, advanced: advanced}
	return k.node(f)
}

func (k *checker) node(f *filter) *Error {
	switch f.op {
	case opAnd, opOr:
		if f.op == opOr && len(f.kids) > maxClauses {
			return tooManyClauses(len(f.kids))
		}
		for _, kid := range f.kids {
			if err := k.node(kid); err != nil {
				return err
			}
		}
		return nil
	case opNot:
		if !k.advanced {
			return &ErrUnsupported
		}
		inner := *k
		inner.negated = true
		return inner.node(f.kids[0])
	case opAny:
		return k.lambda(f)
	default: // a comparison
	}
	if k.list != "" {
		return k.element(f)
	}
	return k.comparison(f)
}

func tooManyClauses(n int) *Error {
	e := BadRequest("Request_UnsupportedQuery", fmt.Sprintf(
		"Too many child clauses specified in search filter expression containing 'OR' operators: %d. Max allowed: "+
			"%d.", n,
		maxClauses))
	return &e
}

// comparison is an operator on a property of one value.
func (k *checker) comparison(f *filter) *Error {
	if f.op == opIn && len(f.values) > maxClauses {
		return tooManyClauses(len(f.values))
	}
	if len(f.path) == 0 {
		return clause("A property is missing.")
	}
	i, ok := k.ent.Find(f.path[0])
	if !ok {
		e := UnknownProperty(InFilter, f.path[0], k.ent)
		return &e
	}
	f.index = i
	p := k.ent.Prop(i)
	switch {
	case p.Kind == tenant.KindExtensions:
		if len(f.path) != 2 || !strings.HasPrefix(f.path[1], "extensionAttribute") {
			return clause("onPremisesExtensionAttributes is filtered by one of its attributes.")
		}
	case len(f.path) != 1:
		return clause("Property '" + p.Name + "' has no parts.")
	case p.Kind.Collection() && (f.op != opStartsWith && f.op != opEndsWith):
		return clause("A collection is filtered with any.")
	}
	if err := k.operands(f, p); err != nil {
		return err
	}
	return k.capable(f, p)
}

func clause(text string) *Error {
	e := BadRequest("BadRequest", InFilter+text)
	return &e
}

// operands refuses literals of another type than the property.
func (k *checker) operands(f *filter, p *tenant.Property) *Error {
	want := p.Kind
	if want == tenant.KindExtensions || want.Collection() {
		want = tenant.KindString
	}
	for _, v := range f.values {
		if v.null {
			if f.op != opEq && f.op != opNe {
				return clause("null can only be compared with eq and ne.")
			}
			continue
		}
		if v.kind != want {
			return clause(fmt.Sprintf(
				"A binary operator with incompatible types was detected. Found operand types '%s' and '%s' for "+
					"operator kind '%s'.",
				want.EDM(), v.kind.EDM(), operatorKind(f.op)))
		}
	}
	return nil
}

func operatorKind(op operator) string {
	switch op {
	case opEq:
		return "Equal"
	case opNe:
		return "NotEqual"
	case opGe:
		return "GreaterThanOrEqual"
	case opLe:
		return "LessThanOrEqual"
	default:
		return string(op)
	}
}

// capable looks an operator up in the table: A needs an advanced query, - is never possible.
func (k *checker) capable(f *filter, p *tenant.Property) *Error {
	var columns []int
	switch f.op {
	case opEq:
		columns = []int{tenant.CapEq}
	case opNe:
		columns = []int{tenant.CapNe}
	case opGe, opLe:
		columns = []int{tenant.CapRange}
	case opIn:
		columns = []int{tenant.CapIn}
	case opStartsWith:
		columns = []int{tenant.CapStartsWith}
	case opEndsWith: // [graph 1.3]: these alone, always advanced
		if !slices.Contains([]string{"mail", "userPrincipalName", "proxyAddresses"}, p.Name) {
			return &ErrNotIndexed
		}
		if !k.advanced {
			return &ErrUnsupported
		}
	default: // gt, lt: no page lists them
		return &ErrNotIndexed
	}
	if len(f.values) == 1 && f.values[0].null {
		if f.op == opEq {
			columns = nil
		}
		columns = append(columns, tenant.CapNull)
	}
	if k.negated {
		columns = append(columns, tenant.CapNot)
	}
	for _, c := range columns {
		if p.Caps[c] == '-' {
			return &ErrNotIndexed
		}
	}
	for _, c := range columns {
		if p.Caps[c] == 'A' && !k.advanced {
			return &ErrUnsupported
		}
	}
	return nil
}

// lambda is collection/any(x:…).
func (k *checker) lambda(f *filter) *Error {
	i, ok := k.ent.Find(f.path[0])
	if !ok {
		e := UnknownProperty(InFilter, f.path[0], k.ent)
		return &e
	}
	p := k.ent.Prop(i)
	if !p.Kind.Collection() || len(f.path) != 1 {
		return clause("any is for collections, '" + f.path[0] + "' isn't one.")
	}
	f.index = i
	inner := *k
	inner.list = p.Name
	if err := inner.node(f.kids[0]); err != nil {
		return err
	}
	if p.Kind == tenant.KindIdentities && !(f.kids[0].names("issuer") && f.kids[0].names("issuerAssignedId")) {
		return &ErrUnsupported // both are needed [graph 1.3]
	}
	return nil
}

// element is an operator on the variable of any().
func (k *checker) element(f *filter) *Error {
	i, _ := k.ent.Find(k.list)
	p := k.ent.Prop(i)
	if p.Kind == tenant.KindIdentities {
		if len(f.path) != 1 || f.op != opEq || !slices.Contains(
			[]string{"issuer", "issuerAssignedId", "signInType"}, f.path[0],
		) {
			return &ErrUnsupported
		}
	} else if len(f.path) != 0 {
		return clause("The elements of '" + p.Name + "' have no parts.")
	}
	if err := k.operands(f, p); err != nil {
		return err
	}
	return k.capable(f, p)
}

// names says whether a condition on an identity looks at one of its fields.
func (f *filter) names(field string) bool {
	if len(f.path) == 1 && f.path[0] == field {
		return true
	}
	return f.op == opAnd && slices.ContainsFunc(f.kids, func(k *filter) bool { return k.names(field) })
}
