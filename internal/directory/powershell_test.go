package directory

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
)

// Windows PowerShell writes files in UTF-16, or in UTF-8 with a byte order mark:
// they are read as they are, and errors name the line.
func TestSnapshotEncodings(t *testing.T) {
	text := tenantJSON(nil)
	for name, with := range map[string]func(string) (string, error){
		"UTF-16, little-endian": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String,
		"UTF-16, big-endian":    unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String,
		"UTF-8 with a mark":     unicode.UTF8BOM.NewEncoder().String,
	} {
		encoded, err := with(text)
		if err != nil {
			t.Fatal(err)
		}
		_, plain, err := read(write(t, text))
		if err != nil {
			t.Fatal(err)
		}
		_, got, err := read(write(t, encoded))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := difference(plain, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		bad, err := with(strings.Replace(text, `"version"`, "\n\n\"version\"\n", 1) + "x")
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Count(text, "\n") + 3
		var e *SnapshotError
		if _, err := ReadSnapshot(write(t, bad), nil); !errors.As(err, &e) || e.Line != want {
			t.Errorf("%s: an error on line %d: %v", name, want, err)
		}
	}
}

// What PowerShell's cmdlets and a raw answer look like: the error says what to
// save instead.
func TestSnapshotOtherShapes(t *testing.T) {
	for content, says := range map[string]string{
		`{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users","value":[{"id":"u"}]}`:                "this is an answer of Graph, not a snapshot",
		tenantJSON(map[string]string{"users": `{"@odata.context":"x","value":[]}`}):                                 "write what its value holds",
		tenantJSON(map[string]string{"users": `[{"Id":"u","UserPrincipalName":"a@b.example","UserType":"Guest"}]`}): "Invoke-MgGraphRequest -OutputType Json",
		tenantJSON(map[string]string{"groups": `[{"Id":"g","DisplayName":"Staff","Members":[]}]`}):                  "Invoke-MgGraphRequest -OutputType Json",
		tenantJSON(map[string]string{"groups": `[{"id":"g","displayName":"Staff","members":[{"Id":"u"}]}]`}):        "Invoke-MgGraphRequest -OutputType Json",
		strings.Replace(tenantJSON(nil), `"entra"`, `"Entra"`, 1):                                                   `"Entra" is written "entra"`,
		strings.Replace(tenantJSON(nil), `"users"`, `"Users"`, 1):                                                   `"Users" is written "users"`,
	} {
		_, _, err := read(write(t, content))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.80s…: got %v, want %q", content, err, says)
		}
	}
}

// "guest" is Guest, in a file and in an answer; another word is an error in a
// file, and never silently somebody who isn't a guest.
func TestUserTypeSpelling(t *testing.T) {
	users := func(userType string) map[string]string {
		return map[string]string{
			"groups": "[]",
			"users":  `[{"id":"u","userPrincipalName":"a@b.example","mail":null,"accountEnabled":true,"userType":` + userType + `}]`,
		}
	}
	for spelled, want := range map[string]string{`"guest"`: "Guest", `"GUEST"`: "Guest", `"member"`: "Member", `"Guest"`: "Guest", "null": ""} {
		_, d, err := read(write(t, tenantJSON(users(spelled))))
		if err != nil || d.Users[0].UserType != want {
			t.Errorf("%s: got %v %v, want %q", spelled, d, err, want)
		}
	}
	for _, wrong := range []string{`"External"`, `"Guest "`} {
		if _, _, err := read(
			write(t, tenantJSON(users(wrong))),
		); err == nil ||
			!strings.Contains(err.Error(), "expected Member, Guest or null") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

// A file that was put together from answers with and without a property says
// so; one in which a property is null everywhere doesn't.
func TestSnapshotPartly(t *testing.T) {
	user := func(id, more string) string { return `{"id":"` + id + `","accountEnabled":true` + more + `}` }
	for name, c := range map[string]struct{ users, says string }{
		"all carry them":     {user("a", `,"userType":null,"mail":null`), ""},
		"some lack the type": {user("a", `,"userType":"Guest","mail":null`) + "," + user("b", `,"mail":null`), "userType (1 of 2 users)"},
		"some lack the mail": {user("a", `,"userType":"Guest","mail":null`) + "," + user("b", `,"userType":"Guest"`), "mail (1 of 2 users)"},
		"all lack the mail":  {user("a", `,"userType":"Guest"`), "mail (1 of 1 users)"},
	} {
		s, _, err := read(write(t, tenantJSON(map[string]string{"groups": "[]", "users": "[" + c.users + "]"})))
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Warning(); (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: got %q, want %q", name, got, c.says)
		}
	}
}

// What isn't a file isn't opened; that a named pipe hangs nobody is safefile's
// test.
func TestSnapshotOfNoRegularFile(t *testing.T) {
	for path, says := range map[string]string{t.TempDir(): "this is a folder", os.DevNull: "this is a device"} {
		if _, err := ReadSnapshot(path, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want %q", path, err, says)
		}
	}
}
