package expression

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

func init() {
	define(
		function{
			name:   "BitAnd",
			params: []parameter{reqInt("value1").keyed("left"), reqInt("value2").keyed("right")},
			eval:   evalBitAnd,
		},
		function{name: "ConvertToBase64", params: []parameter{req("source").of(argText)}, eval: evalToBase64},
		function{name: "ConvertFromBase64", params: []parameter{req("source").of(argText), textOf("encoding", argWord)},
			origin: fromCloudSync, prepare: prepareFromBase64, eval: evalFromBase64},
		function{name: "ConvertToUTF8Hex", params: []parameter{req("source").of(argText)}, eval: evalToUTF8Hex},
	)
}

func evalBitAnd(m *machine, n *callNode) (Value, error) {
	a, err := n.integer(m, 0)
	if err != nil {
		return Value{}, err
	}
	b, err := n.integer(m, 1)
	return IntValue(a & b), err
}

// evalToBase64 encodes UTF-16LE bytes. [D]
func evalToBase64(m *machine, n *callNode) (Value, error) {
	s, err := n.text(m, 0)
	if err != nil {
		return Value{}, err
	}
	size := 2 * len16(s)
	s, err = n.build(m, size+base64.StdEncoding.EncodedLen(size), func(dst []byte) []byte {
		raw := dst
		for _, r := range s {
			if r > 0xFFFF {
				hi, lo := utf16.EncodeRune(r)
				raw = append(raw, byte(hi), byte(hi>>8), byte(lo), byte(lo>>8))
			} else {
				raw = append(raw, byte(r), byte(r>>8))
			}
		}
		return base64.StdEncoding.AppendEncode(raw, raw[:size])
	})
	if err != nil {
		return Value{}, err
	}
	return TextValue(s[size:]), nil
}

func prepareFromBase64(c *compiler, n *callNode) {
	if len(n.nodes) < 2 {
		return
	}
	if name, ok := constText(n.nodes[1]); ok && !isEncoding(name) {
		c.reportArg(n, 1, "the encoding is Unicode, ASCII or UTF8", "")
	}
}

func isEncoding(name string) bool { return name == "Unicode" || name == "ASCII" || name == "UTF8" }

// evalFromBase64 decodes text in the given encoding, Unicode (UTF-16LE) where
// none is given. [C CSR] Bytes that the encoding doesn't know become U+FFFD, or
// a question mark in ASCII. [N]
func evalFromBase64(m *machine, n *callNode) (Value, error) {
	s, err := n.text(m, 0)
	if err != nil {
		return Value{}, err
	}
	encoding, err := n.text(m, 1)
	if err != nil {
		return Value{}, err
	}
	if encoding == "" {
		encoding = "Unicode"
	}
	if !isEncoding(encoding) {
		return Value{}, n.failf(1, "the encoding is Unicode, ASCII or UTF8, not %q", shorten(encoding))
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s))
	if err != nil {
		return Value{}, n.failf(0, "%q is not base64", shorten(s))
	}
	switch encoding {
	case "UTF8":
		return TextValue(strings.ToValidUTF8(string(raw), "\uFFFD")), nil
	case "ASCII":
		for i, b := range raw {
			if b >= utf8.RuneSelf {
				raw[i] = '?'
			}
		}
		return TextValue(string(raw)), nil
	}
	codes := make([]uint16, 0, len(raw)/2+1)
	for i := 0; i+1 < len(raw); i += 2 {
		codes = append(codes, uint16(raw[i])|uint16(raw[i+1])<<8)
	}
	if len(raw)%2 != 0 {
		codes = append(codes, 0xFFFD)
	}
	return TextValue(string(utf16.Decode(codes))), nil
}

// evalToUTF8Hex writes UTF-8 bytes in upper-case hexadecimal. [D]
func evalToUTF8Hex(m *machine, n *callNode) (Value, error) {
	s, err := n.text(m, 0)
	if err != nil {
		return Value{}, err
	}
	s, err = n.build(m, 2*len(s), func(dst []byte) []byte {
		const digits = "0123456789ABCDEF"
		for i := range len(s) {
			dst = append(dst, digits[s[i]>>4], digits[s[i]&15])
		}
		return dst
	})
	return TextValue(s), err
}
