package directory

import (
	"reflect"
	"strings"
	"testing"
)

// A member is decoded alike however it is written: as Graph writes most, or not.
func TestMemberForms(t *testing.T) {
	const id = "0B2C3D4E-1111-4222-8333-444455556666"
	for raw, want := range map[string]GraphMember{
		`{"@odata.type":"#microsoft.graph.user","id":"` + id + `"}`:                {"user", strings.ToLower(id)},
		`{ "@odata.type": "#microsoft.graph.user", "id": "` + id + `" }`:           {"user", strings.ToLower(id)},
		`{"id":"` + id + `","@odata.type":"#microsoft.graph.group"}`:               {"group", strings.ToLower(id)},
		`{"@odata.type":"#microsoft.graph.user","id":"` + id + `","mail":"a@b.c"}`: {"user", strings.ToLower(id)},
		`{"@odata.type":"#microsoft.graph.user","id":"x","id":"` + id + `"}`:       {"user", strings.ToLower(id)},
		`{"@odata.type":"#microsoft.graph.\u0075ser","id":"` + id + `"}`:           {"user", strings.ToLower(id)},
		`{"@odata.type":"#microsoft.graph.user","id":"\u0030"}`:                    {"user", "0"},
		`{"@odata.type":"#microsoft.graph.a.b","id":"y"}`:                          {"b", "y"},
		`{"@odata.type":"#microsoft.graph.user","displayName":"\",\"id\":\"z\"}"}`: {},
		`{"@odata.type":"#microsoft.graph.user","id":""}`:                          {},
		`{"@odata.type":"#microsoft.graph.user","id":"a"b"}`:                       {},
	} {
		m, err := NewDecoder(nil).Member([]byte(raw))
		if (err == nil) != (want.ID != "") || err == nil && m != want {
			t.Errorf("%s: %+v %v, want %+v", raw, m, err, want)
		}
		var list, one MemberList
		if _, _, err := NewDecoder(nil).Members([]byte("["+raw+"]"), &list, func([]byte) {}); err == nil {
			one.Add(want)
		}
		if !reflect.DeepEqual(list, one) {
			t.Errorf("%s in a list: %+v, want %+v", raw, list, one)
		}
	}
}
