package expression

import (
	"encoding/hex"
	"strconv"
	"strings"
)

func init() {
	define(
		function{name: "Guid", effects: usesRandom, eval: evalGUID},
		function{
			name: "RandomString",
			params: []parameter{reqInt("Length"), reqInt("MinimumNumbers"), reqInt("MinimumSpecialCharacters"),
				reqInt("MinimumCapital"), reqInt("MinimumLowerCase"), textOf("CharactersToAvoid", argText)},
			effects: usesRandom,
			prepare: prepareRandomString,
			eval:    evalRandomString,
		},
	)
}

// evalGUID makes a version 4 identifier, in lower case. [D but for the version]
func evalGUID(m *machine, n *callNode) (Value, error) {
	if m.env.Random == nil {
		return Value{}, NeedsRandomness
	}
	var raw [16]byte
	for i := 0; i < 16; i += 8 {
		v := m.env.Random.Uint64()
		for k := range 8 {
			raw[i+k] = byte(v >> (8 * k))
		}
	}
	raw[6] = raw[6]&0x0F | 0x40
	raw[8] = raw[8]&0x3F | 0x80
	s, err := n.build(m, 36, func(dst []byte) []byte {
		dst = append(hex.AppendEncode(dst, raw[0:4]), '-')
		dst = append(hex.AppendEncode(dst, raw[4:6]), '-')
		dst = append(hex.AppendEncode(dst, raw[6:8]), '-')
		dst = append(hex.AppendEncode(dst, raw[8:10]), '-')
		return hex.AppendEncode(dst, raw[10:])
	})
	return TextValue(s), err
}

// The characters of a random string: those of Windows' password rules, which
// the page refers to. [D]
const (
	randomDigits  = "0123456789"
	randomSpecial = "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/"
	randomUpper   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	randomLower   = "abcdefghijklmnopqrstuvwxyz"
	maxRandom     = 256 // [D]
)

// randomSpec is the length and the least number of each class.
type randomSpec struct {
	length int64
	least  [4]int64 // digits, special, upper, lower
}

var randomClasses = [4]string{randomDigits, randomSpecial, randomUpper, randomLower}

// check refuses lengths that the page rules out. The page leaves the lower-case
// letters out of its sum; a string that they don't fit in can't be made either.
func (s randomSpec) check() (arg int, message string) {
	if s.length < 0 || s.length > maxRandom {
		return 0, "the length is " + strconv.FormatInt(s.length, 10) + "; it may be 0 to 256"
	}
	sum := int64(0)
	for i, v := range s.least {
		if v < 0 || v > maxRandom {
			return i + 1, "the minimum may be 0 to 256"
		}
		sum += v
	}
	if sum > s.length {
		return 0, "the minimums add up to " + strconv.FormatInt(sum, 10) + ", which is more than the length"
	}
	return -1, ""
}

func prepareRandomString(c *compiler, n *callNode) {
	var spec randomSpec
	for i := range 5 {
		text, ok := constText(n.nodes[i])
		v, isInt := parseInt(text)
		if !ok || !isInt {
			return
		}
		if i == 0 {
			spec.length = v
		} else {
			spec.least[i-1] = v
		}
	}
	if arg, message := spec.check(); arg >= 0 {
		c.reportArg(n, arg, message, "")
	}
}

func evalRandomString(m *machine, n *callNode) (Value, error) {
	var spec randomSpec
	for i := range 5 {
		v, err := n.integer(m, i)
		if err != nil {
			return Value{}, err
		}
		if i == 0 {
			spec.length = v
		} else {
			spec.least[i-1] = v
		}
	}
	if arg, message := spec.check(); arg >= 0 {
		return Value{}, n.failf(arg, "%s", message)
	}
	avoid, err := n.text(m, 5)
	if err != nil {
		return Value{}, err
	}
	if m.env.Random == nil {
		return Value{}, NeedsRandomness
	}
	s, problem := spec.generate(m.env.Random, avoid)
	if problem != "" {
		return Value{}, n.failf(5, "%s", problem)
	}
	return TextValue(s), nil
}

// generate draws the minimums from their classes, the rest from digits and
// letters (and special characters, where some were asked for [?]), and shuffles.
func (s randomSpec) generate(random Random, avoid string) (out, problem string) {
	var classes [4]string
	var rest strings.Builder
	for i, class := range randomClasses {
		classes[i] = strings.Map(func(r rune) rune {
			if strings.ContainsRune(avoid, r) {
				return -1
			}
			return r
		}, class)
		if i != 1 || s.least[1] > 0 {
			rest.WriteString(classes[i])
		}
	}
	b := make([]byte, 0, s.length)
	draw := func(from string, count int64) bool {
		for range count {
			if from == "" {
				return false
			}
			b = append(b, from[random.Uint64()%uint64(len(from))])
		}
		return true
	}
	for i, count := range s.least {
		if !draw(classes[i], count) {
			return "", "every character of a class that is asked for is to be avoided"
		}
	}
	if !draw(rest.String(), s.length-int64(len(b))) {
		return "", "every character is to be avoided"
	}
	for i := len(b) - 1; i > 0; i-- {
		j := int(random.Uint64() % uint64(i+1))
		b[i], b[j] = b[j], b[i]
	}
	return string(b), ""
}
