// Package rawjson reads and writes JSON as the services send it: members in their order, values as they stand.
package rawjson

import "encoding/json"

// Member is a member of a raw JSON object, "" if it has none.
func Member(raw, name string) string {
	if raw == "" || raw[0] != '{' {
		return ""
	}
	list, err := Fields([]byte(raw))
	if err != nil {
		return ""
	}
	for _, f := range list {
		if f.Name == name {
			return f.Raw
		}
	}
	return ""
}

// Join writes a JSON object of its members.
func Join(list []Field) string {
	buf := []byte{'{'}
	for i, f := range list {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(append(AppendQuoted(buf, f.Name), ':'), f.Raw...)
	}
	return string(append(buf, '}'))
}

// At is a member of a decoded JSON object, nil where v isn't one.
func At(v any, name string) any {
	m, _ := v.(Object)
	return m[name]
}

// Text is a decoded string, "" where v isn't one.
func Text(v any) string {
	s, _ := v.(string)
	return s
}

// Objects is the objects of a decoded array.
func Objects(v any) []Object {
	var out []Object
	list, _ := v.([]any)
	for _, item := range list {
		if m, ok := item.(Object); ok {
			out = append(out, m)
		}
	}
	return out
}

// Object is a body that is kept as it came, members that nobody knows included.
type Object = map[string]any

// ObjectAt is a member of a JSON object that is an object itself; it is made if need be.
func ObjectAt(of Object, name string) Object {
	if m, ok := of[name].(Object); ok {
		return m
	}
	m := Object{}
	of[name] = m
	return m
}

// Clone is a copy of a JSON object that shares nothing with it.
func Clone(m Object) Object {
	var out Object
	_ = json.Unmarshal(Marshal(m), &out) // it was JSON
	return out
}
