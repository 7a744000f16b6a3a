package mapping

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
)

// attributesOf reads the attributes of an object for an expression or a
// filter: an object or map from attribute name to a string, number, Boolean,
// list of strings, or null.
func attributesOf(v types.Dynamic) (map[string]expression.Value, error) {
	if v.IsNull() || v.IsUnderlyingValueNull() {
		return map[string]expression.Value{}, nil
	}
	plain, err := plainOf(v.UnderlyingValue())
	if err != nil {
		return nil, err
	}
	m, ok := plain.(map[string]any)
	if !ok {
		return nil, errors.New("expected an object or map from attribute name to value, such as { mail = \"a@b.c\" }")
	}
	out := make(map[string]expression.Value, len(m))
	for name, x := range m {
		if out[name], err = expression.ValueFromJSON(x); err != nil {
			return nil, fmt.Errorf("attribute %q: %w", name, err)
		}
	}
	return out, nil
}

// plainOf turns a Terraform value into what decoding its JSON would give.
func plainOf(v attr.Value) (any, error) {
	if v.IsNull() {
		return nil, nil
	}
	switch x := v.(type) {
	case types.String:
		return x.ValueString(), nil
	case types.Bool:
		return x.ValueBool(), nil
	case types.Number:
		return number(x.ValueBigFloat()), nil
	case types.Dynamic:
		return plainOf(x.UnderlyingValue())
	case types.Object:
		return plainMap(x.Attributes())
	case types.Map:
		return plainMap(x.Elements())
	case types.List:
		return plainList(x.Elements())
	case types.Set:
		return plainList(x.Elements())
	case types.Tuple:
		return plainList(x.Elements())
	}
	return nil, fmt.Errorf("a value of type %T can't be an attribute", v)
}

func number(f *big.Float) json.Number {
	if i, accuracy := f.Int(nil); accuracy == big.Exact {
		return json.Number(i.String())
	}
	return json.Number(f.Text('g', -1))
}

func plainMap(m map[string]attr.Value) (any, error) {
	out := make(map[string]any, len(m))
	for name, v := range m {
		x, err := plainOf(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = x
	}
	return out, nil
}

func plainList(list []attr.Value) (any, error) {
	out := make([]any, len(list))
	for i, v := range list {
		x, err := plainOf(v)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

// otherCase is an error where what is read differs from what is given in upper
// and lower case alone: names have a case [expressions 1].
func otherCase(slots []string, attributes map[string]expression.Value) error {
	for _, name := range slots {
		if _, ok := attributes[name]; ok {
			continue
		}
		for given := range attributes {
			if strings.EqualFold(given, name) {
				return fmt.Errorf("%q is read and %q is given: names of attributes are case-sensitive", name, given)
			}
		}
	}
	return nil
}

// variablesOf takes the job's variables, such as %DomainFQDN%, out of what is
// given.
func variablesOf(attributes map[string]expression.Value) map[string]string {
	out := map[string]string{}
	for name, v := range attributes {
		if text, ok := v.Text(); ok && len(name) > 2 && strings.HasPrefix(name, "%") && strings.HasSuffix(name, "%") {
			out[name] = text
		}
	}
	return out
}

// rowOf puts attributes into the slots of a program; what isn't given is null.
func rowOf(slots []string, attributes map[string]expression.Value) expression.Row {
	row := make(expression.Row, len(slots))
	for i, name := range slots {
		row[i] = attributes[name]
	}
	return row
}
