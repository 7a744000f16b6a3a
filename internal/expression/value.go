package expression

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/expression/dotnet"
)

// ValueKind is the kind of a Value.
type ValueKind uint8

// The kinds of values. An attribute that is absent is Null; "" is another
// value. Functions of dates return text, as the service's do.
const (
	KindNull ValueKind = iota
	KindText
	KindInt
	KindBool
	KindList
	KindRoles
	KindReference

	kindUnread // an attribute of which nothing is known: whatever evaluates it is unpredictable
	kindDate   // inside an evaluation only: text M/d/yyyy h:mm:ss tt, not written yet
)

// String names the kind.
func (k ValueKind) String() string {
	return [...]string{"null", "text", "number", "Boolean", "list", "app roles", "reference", "unread", "date"}[k]
}

// Role is one app role assignment.
type Role struct {
	ID          string `json:"id"`
	Value       string `json:"value"`
	DisplayName string `json:"displayName"`
}

// Value is an attribute's or an expression's value. The zero Value is null.
type Value struct {
	kind  ValueKind
	num   int64 // KindInt, KindBool (0 or 1), ticks of a date
	text  string
	list  []string
	roles *[]Role
}

// Null is the value of an absent attribute.
func Null() Value { return Value{} }

// TextValue makes a text.
func TextValue(s string) Value { return Value{kind: KindText, text: s} }

// IntValue makes an integer.
func IntValue(v int64) Value { return Value{kind: KindInt, num: v} }

// BoolValue makes a Boolean.
func BoolValue(v bool) Value {
	if v {
		return Value{kind: KindBool, num: 1}
	}
	return Value{kind: KindBool}
}

// ListValue makes the value of a multi-valued attribute. The slice is kept,
// not copied. A list without elements counts as null: Graph returns [] for a
// multi-valued attribute without values.
func ListValue(values []string) Value { return Value{kind: KindList, list: values} }

// RolesValue makes a list of app role assignments. The slice is kept.
func RolesValue(roles []Role) Value { return Value{kind: KindRoles, roles: &roles} }

// ReferenceValue makes a reference to another object, by its id in the source.
// What is written is the id that the object has at the target, which an
// expression doesn't know: it can tell only whether there is a reference.
func ReferenceValue(id string) Value { return Value{kind: KindReference, text: id} }

// UnreadValue stands for an attribute of which nothing is known, not even whether
// there is one: whatever evaluates it is unpredictable for the reason.
func UnreadValue(why Reason) Value { return Value{kind: kindUnread, num: int64(why)} }

// ValueFromJSON converts a decoded JSON value: nil, a string, a Boolean, a
// number, a list of these, or a list of role objects.
func ValueFromJSON(v any) (Value, error) {
	switch v := v.(type) {
	case nil:
		return Null(), nil
	case string:
		return TextValue(v), nil
	case bool:
		return BoolValue(v), nil
	case int:
		return IntValue(int64(v)), nil
	case int64:
		return IntValue(v), nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return IntValue(int64(v)), nil
		}
		return TextValue(strconv.FormatFloat(v, 'f', -1, 64)), nil
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return IntValue(n), nil
		}
		return TextValue(v.String()), nil
	case []string:
		return ListValue(v), nil
	case []any:
		return listFromJSON(v)
	}
	return Value{}, fmt.Errorf("a value of type %T is not one that an attribute can have", v)
}

func listFromJSON(items []any) (Value, error) {
	var list []string
	var roles []Role
	for _, item := range items {
		if o, ok := item.(map[string]any); ok {
			field := func(name string) string { s, _ := o[name].(string); return s }
			roles = append(roles, Role{field("id"), field("value"), field("displayName")})
			continue
		}
		v, err := ValueFromJSON(item)
		if err != nil || v.kind == KindList || v.kind == KindRoles {
			return Value{}, fmt.Errorf("a list holds simple values or app role objects, not %T", item)
		}
		list = append(list, v.String())
	}
	if roles != nil && list != nil {
		return Value{}, fmt.Errorf("a list holds either simple values or app role objects")
	}
	if roles != nil {
		return RolesValue(roles), nil
	}
	return ListValue(list), nil
}

// Kind tells what the value is.
func (v Value) Kind() ValueKind { return v.kind }

// IsNull tells whether the value is absent; a list without elements is.
func (v Value) IsNull() bool {
	switch v.kind {
	case KindNull:
		return true
	case KindList:
		return len(v.list) == 0
	case KindRoles:
		return len(*v.roles) == 0
	default:
		return false
	}
}

// IsNullOrEmpty tells whether the value is absent or the empty text.
func (v Value) IsNullOrEmpty() bool { return v.IsNull() || v.kind == KindText && v.text == "" }

// Text returns a text's characters, and whether the value is a text.
func (v Value) Text() (string, bool) { return v.text, v.kind == KindText }

// Int returns an integer, and whether the value is one.
func (v Value) Int() (int64, bool) { return v.num, v.kind == KindInt }

// Bool returns a Boolean, and whether the value is one.
func (v Value) Bool() (value, ok bool) { return v.num != 0, v.kind == KindBool }

// List returns the elements of a list, and whether the value is one.
func (v Value) List() ([]string, bool) { return v.list, v.kind == KindList }

// Roles returns app roles, and whether the value is a list of them.
func (v Value) Roles() ([]Role, bool) {
	if v.kind != KindRoles {
		return nil, false
	}
	return *v.roles, true
}

// Reference returns the id, in the source, of the object that is referred to, and
// whether the value is a reference.
func (v Value) Reference() (string, bool) { return v.text, v.kind == KindReference }

// String renders the value as the service's text: integers in decimal,
// Booleans as True and False, null as "", lists as JSON; a reference as the id in
// the source.
func (v Value) String() string {
	switch v.kind {
	case KindText, KindReference:
		return v.text
	case KindInt:
		return strconv.FormatInt(v.num, 10)
	case KindBool:
		return boolText(v.num != 0)
	case kindDate:
		return string(dotnet.AppendGeneral(nil, v.date()))
	case KindList:
		return jsonText(v.list)
	case KindRoles:
		return jsonText(*v.roles)
	default:
		return ""
	}
}

// Strings renders the value as parseExpression returns it: a list of texts,
// also for a single value, empty for null. [D GPE]
func (v Value) Strings() []string {
	switch {
	case v.IsNull():
		return nil
	case v.kind == KindList:
		return v.list
	case v.kind == KindRoles:
		out := make([]string, len(*v.roles))
		for i, r := range *v.roles {
			out[i] = jsonText(r)
		}
		return out
	}
	return []string{v.String()}
}

// Equal tells whether two values are of one kind and the same.
func (v Value) Equal(w Value) bool {
	if v.kind != w.kind || v.num != w.num || v.text != w.text {
		return false
	}
	return v.kind <= KindBool || v.kind == KindReference || v.kind >= kindUnread || v.String() == w.String()
}

func (v Value) date() dotnet.DateTime {
	d, _ := dotnet.FromTicks(v.num, dotnet.UTC)
	return d
}

func dateValue(d dotnet.DateTime) Value {
	return Value{kind: kindDate, num: d.TruncateSecond().Ticks()}
}

func boolText(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

func jsonText(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}
