package jsonscan

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

var relaxed = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// library is what the JSON library says of a value: where it ends.
func library(b []byte) (end int, ok bool) {
	d := jsontext.NewDecoder(bytes.NewReader(b), relaxed...)
	if d.PeekKind() == 0 {
		return 0, false
	}
	_, err := d.ReadValue()
	return int(d.InputOffset()), err == nil
}

func check(t *testing.T, b []byte) {
	t.Helper()
	end, ok := Value(b, Space(b, 0))
	want, wantOK := library(b)
	if ok != wantOK || ok && end != want {
		t.Errorf("%q: %d, %v; the library says %d, %v", b, end, ok, want, wantOK)
	}
}

var texts = []string{
	`{}`,
	`[]`,
	`{"a":1}`,
	` { "a" : [ 1 , -2.5e+10 , 0, -0.0E-1 ] , "b" : null } `,
	`"x\u00e4\"\\\/\b\f\n\r\t"`,
	`true`,
	`false`,
	`null`,
	`nul`,
	`truex`,
	`[true]`,
	`[truefalse]`,
	`01`,
	`1.`,
	`.5`,
	`-`,
	`1e`,
	`1e+`,
	`+1`,
	`[1,]`,
	`[,1]`,
	`{"a"}`,
	`{"a":}`,
	`{"a":1,}`,
	`{,}`,
	`{1:2}`,
	`{"a" 1}`,
	`["a" "b"]`,
	`"\x"`,
	`"\u12g4"`,
	`"\u12`,
	`"a`,
	"\"a\nb\"",
	"\"\x7f\"",
	"\"\xff\xfe\"",
	`"\ud800"`,
	`"\ud83d\ude00"`,
	"\"ä€😀 and more of it\"",
	``,
	` `,
	`{`,
	`[`,
	`]`,
	`{"a":{"b":{"c":[{},[],""]}}}`,
	`[1]2`,
	`{"a":1}{`,
	"\ufeff{}",
	`"1234567`,
	`"12345678`,
	`"12345678"`,
	`"1234567\"8"`,
	`NaN`,
	`[1 2]`,
	`{"a":1 "b":2}`,
	"[1\v]",
	"\x00",
	`[[[[[[]]]]]]`,
	`{"":""}`,
	`{"a\u0062":"\\"}`,
	`"\`,
}

func TestValue(t *testing.T) {
	for _, text := range texts {
		check(t, []byte(text))
	}
	for _, n := range []int{9_999, 10_000, 10_001, 20_000} {
		check(t, []byte(strings.Repeat("[", n)+strings.Repeat("]", n)))
		check(t, []byte(strings.Repeat(`{"a":`, n)+"1"+strings.Repeat("}", n)))
	}
	// Every place in a word at which a string may end, break or go on.
	for n := range 20 {
		for c := range 256 {
			check(t, []byte(`"`+strings.Repeat("a", n)+string([]byte{byte(c)})+`bcdefghijkl"`))
		}
	}
}

func TestPlain(t *testing.T) {
	for n := range 20 {
		for c := range 256 {
			s := strings.Repeat("a", n) + string([]byte{byte(c)}) + "bcdefghijkl"
			want := c >= ' ' && c < 0x7f && c != '\\'
			if Plain([]byte(s)) != want {
				t.Errorf("%q: %v", s, !want)
			}
		}
	}
}

// Properties and elements are walked through as the library walks through them.
func FuzzValue(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		check(t, b)
		end, ok := Value(b, Space(b, 0))
		if !ok {
			return
		}
		if b = b[Space(b, 0):end]; b[0] != '{' {
			return
		}
		d := jsontext.NewDecoder(bytes.NewReader(b), relaxed...)
		if _, err := d.ReadToken(); err != nil {
			t.Fatal(err)
		}
		for i, first := 0, true; ; first = false {
			name, at, done, ok := Property(b, i, first)
			if !ok {
				t.Fatalf("%q: no property at %d", b, i)
			}
			if done {
				if d.PeekKind() != '}' || at != len(b) {
					t.Fatalf("%q: it ends at %d", b, at)
				}
				return
			}
			key, err := d.ReadValue()
			if err != nil || !bytes.Equal(key, name) {
				t.Fatalf("%q: name %s, the library says %s, %v", b, name, key, err)
			}
			v, err := d.ReadValue()
			if i, ok = Value(b, at); err != nil || !ok || !bytes.Equal(v, b[at:i]) {
				t.Fatalf("%q: value %s, the library says %s, %v", b, b[at:i], v, err)
			}
		}
	})
}

// What a page of users is like: passing over it, beside the library and the standard
// one.
func BenchmarkValue(b *testing.B) {
	one := `{"id":"0f6a2c31-5d0e-4c57-9b1e-3f0c7c1d2e4a","userPrincipalName":"taylor.jordan17@contoso.example",` +
		`"mail":"taylor.jordan17@contoso.example","otherMails":[],"userType":"Member","creationType":null,` +
		`"externalUserState":null,"accountEnabled":true,"identities":[{"signInType":"userPrincipalName",` +
		`"issuer":"contoso.example","issuerAssignedId":"taylor.jordan17@contoso.example"}]}`
	page := []byte("[" + strings.Repeat(one+",", 998) + one + "]")
	b.Run("jsonscan", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			if _, ok := Value(page, 0); !ok {
				b.Fatal("no JSON")
			}
		}
	})
	b.Run("jsontext", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			if _, ok := library(page); !ok {
				b.Fatal("no JSON")
			}
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			if !json.Valid(page) {
				b.Fatal("no JSON")
			}
		}
	})
}
