package mapping

import "slices"

// storedKeys are the keys under which the service stores parameters, where they aren't called as on
// the page of the functions ([expressions 5.1, O]).
var storedKeys = map[string]map[string]string{
	"IIF":                     {"condition": "one", "valueIfTrue": "four", "valueIfFalse": "five"},
	"Left":                    {"String": "source", "NumChars": "length"},
	"IsPresent":               {"Expression": "source"},
	"IgnoreFlowIfNullOrEmpty": {"expression": "source"},
	"CBool":                   {"Expression": "source"},
	"Item":                    {"attribute": "source"},
	"RemoveDuplicates":        {"attribute": "source"},
	"BitAnd":                  {"value1": "left", "value2": "right"},
	"DateFromNum":             {"value": "source"},
	"FormatDateTime":          {"dateTimeStyles": "dateTimeStyle"},
}

// Stored is a source as the service stores it: with its keys, and a comparison in three parameters,
// its operator a constant [expressions 5.1, O].
func Stored(s Source) Source {
	out := s
	out.Parameters = []Argument{}
	for i, p := range s.Parameters {
		key := p.Key
		if to, ok := storedKeys[s.Name][key]; ok && s.Type == "Function" {
			key = to
		}
		if i == 0 && s.Name == "IIF" && p.Value.Type == "Function" && slices.Contains(Comparisons, p.Value.Name) {
			out.Parameters = append(out.Parameters,
				Argument{key, Stored(p.Value.Parameters[0].Value)},
				Argument{"two", ConstantSource(p.Value.Name)},
				Argument{"three", Stored(p.Value.Parameters[1].Value)},
			)
			continue
		}
		out.Parameters = append(out.Parameters, Argument{key, Stored(p.Value)})
	}
	return out
}

// called are parameters by the names of the page, however they are stored. A comparison is one again.
func (f Function) called(parts []Argument) []Argument {
	names := map[string]string{}
	for name, key := range storedKeys[f.Name] {
		names[key] = name
	}
	var out []Argument
	var operator, right *Source
	for _, p := range parts {
		switch {
		case f.Name == "IIF" && p.Key == "two":
			operator = &p.Value
			continue
		case f.Name == "IIF" && p.Key == "three":
			right = &p.Value
			continue
		}
		if name, ok := names[p.Key]; ok {
			p.Key = name
		}
		out = append(out, p)
	}
	if operator == nil || right == nil {
		return out
	}
	for i := range out {
		if out[i].Key == "condition" {
			out[i].Value = Source{Expression: out[i].Value.Expression + " " + operator.Name + " " + right.Expression}
		}
	}
	return out
}
