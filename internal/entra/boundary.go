package entra

import (
	"math/big"
	"slices"
	"strings"
)

// Boundaries divide a collection by a property that Graph compares with ge and
// le. Which order the service compares by isn't documented, and doesn't matter:
// with ranges [-∞,a], [a,b], [b,∞] that share their ends, every value is in one
// of them under any total order (the last boundary that isn't above it begins
// its range). Folding case here only makes the guesses better.

// boundaries are up to n-1 values inside a range, from the values of it that
// were seen. rising says that they came in ascending order, so that what is
// still to come is above them.
func boundaries(lo, hi string, seen []string, rising bool, n int) []string {
	keys := make([]string, 0, len(seen))
	for _, k := range seen {
		if k = strings.ToLower(k); usable(k) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if len(keys) < 2 {
		return nil
	}
	var out []string
	if rising {
		out = beyond(keys, hi)
	} else {
		for i := 1; i < n; i++ {
			out = append(out, keys[i*len(keys)/n])
		}
	}
	lo, hi = strings.ToLower(lo), strings.ToLower(hi)
	out = slices.DeleteFunc(out, func(k string) bool { return lo != "" && k <= lo || hi != "" && k >= hi })
	slices.Sort(out)
	return slices.Compact(out)
}

// usable are texts that no service's order, and nothing on the way, reads in
// another way than we do.
func usable(k string) bool {
	return k != "" && len(k) <= 256 && !strings.ContainsFunc(k, func(r rune) bool { return r < ' ' || r > '~' })
}

// letters are the characters of names in their order; others count as the next
// one of them.
const letters = "#'-.0123456789@_abcdefghijklmnopqrstuvwxyz"

// reach is how much further away each of the first boundaries beyond the seen
// ones is; behind steps of them, each is one character further to the left.
// digits is how many characters of a name are looked at.
const (
	reach  = 4
	steps  = 4
	digits = 48
)

// beyond guesses boundaries above the last of sorted values: the first as far
// away as the values spread, each further one several times as far, for it
// isn't known how many follow. Values are taken as numbers.
func beyond(keys []string, hi string) []string {
	first, last := number(keys[0]), number(keys[len(keys)-1])
	end := new(big.Int).Exp(big.NewInt(int64(len(letters))), big.NewInt(digits), nil)
	if hi != "" {
		end = number(strings.ToLower(hi))
	}
	out := []string{keys[len(keys)-1]}
	step := new(big.Int).Sub(last, first)
	for at := new(big.Int).Add(last, step); step.Sign() > 0 && at.Cmp(end) < 0 && len(out) < 64; at.Add(last, step) {
		out = append(out, name(at))
		factor := reach
		if len(out) > steps {
			factor = len(letters)
		}
		step.Mul(step, big.NewInt(int64(factor)))
	}
	return out
}

func number(key string) *big.Int {
	n, base := new(big.Int), big.NewInt(int64(len(letters)))
	for i := range digits {
		n.Mul(n, base)
		if i < len(key) {
			at := strings.IndexFunc(letters, func(r rune) bool { return r >= rune(key[i]) })
			if at < 0 {
				at = len(letters) - 1
			}
			n.Add(n, big.NewInt(int64(at)))
		}
	}
	return n
}

// name is a short text at about a number.
func name(n *big.Int) string {
	var text [digits]byte
	base, rest, left := big.NewInt(int64(len(letters))), new(big.Int), new(big.Int).Set(n)
	for i := digits - 1; i >= 0; i-- {
		left.DivMod(left, base, rest)
		text[i] = letters[rest.Int64()]
	}
	return strings.TrimRight(string(text[:]), letters[:1])
}
