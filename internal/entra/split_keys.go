package entra

import (
	"maps"
	"math/big"
	"slices"
	"strings"
)

// A collection is split by a property that Graph compares with ge and le. Which
// order the service compares by isn't documented, and doesn't matter: with ranges
// [-∞,a], [a,b], [b,∞] that share their ends, every value is in one of them under
// any total order (the last key that isn't above it begins its range). Folding case
// here only makes the guesses better.

// splitKeys are up to n-1 values inside a range, from the values of it that were
// seen. ascending says that they came in ascending order, so that what is still to
// come is above them.
func splitKeys(lo, hi string, seen []string, ascending bool, n int) []string {
	keys := make([]string, 0, len(seen))
	for _, k := range seen {
		if k = strings.ToLower(k); isPlainKey(k) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if len(keys) < 2 {
		return nil
	}
	var out []string
	if ascending {
		out = keysBeyond(keys, hi)
	} else {
		// Some share what was seen equally, which is right where it is like the
		// rest; some share the next character equally, which is right where
		// names are numbered and the low numbers came first.
		half := (n + 2) / 2
		for i := 1; i < half; i++ {
			out = append(out, keys[i*len(keys)/half])
		}
		out = append(out, pickEvenly(distinctPrefixes(keys), n)...)
	}
	lo, hi = strings.ToLower(lo), strings.ToLower(hi)
	out = slices.DeleteFunc(out, func(k string) bool { return lo != "" && k <= lo || hi != "" && k >= hi })
	slices.Sort(out)
	return slices.Compact(out)
}

// isPlainKey reports a text that no service's order, and nothing on the way, reads
// in another way than we do.
func isPlainKey(k string) bool {
	return k != "" && len(k) <= 256 && !strings.ContainsFunc(k, func(r rune) bool { return r < ' ' || r > '~' })
}

// keyAlphabet are the characters of names in their order; others count as the next
// one of them.
const keyAlphabet = "#'-.0123456789@_abcdefghijklmnopqrstuvwxyz"

// stepGrowth is how much further away each of the first keys beyond the seen ones
// is; after smallSteps of them, each is one character further to the left.
// keyDigits is how many characters of a name are looked at.
const (
	stepGrowth = 4
	smallSteps = 4
	keyDigits  = 48
)

// keysBeyond guesses keys above the last of sorted values. Numbers are counted up,
// digit by digit. Behind them, the first key is as far away as the values spread,
// and each further one several times as far, for it isn't known how many follow.
func keysBeyond(keys []string, hi string) []string {
	first, last := keys[0], keys[len(keys)-1]
	out := append([]string{last}, higherDigits(first, last)...)
	end := new(big.Int).Exp(big.NewInt(int64(len(keyAlphabet))), big.NewInt(keyDigits), nil)
	if hi != "" {
		end = keyToNumber(strings.ToLower(hi))
	}
	highest := keyToNumber(slices.Max(out))
	step := new(big.Int).Sub(keyToNumber(last), keyToNumber(first))
	for n, at := 0, new(big.Int); step.Sign() > 0 && len(out) < 64; n++ {
		if at.Add(keyToNumber(last), step); at.Cmp(end) >= 0 {
			break
		}
		if at.Cmp(highest) > 0 {
			out = append(out, numberToKey(at))
		}
		factor := stepGrowth
		if n >= smallSteps {
			factor = len(keyAlphabet)
		}
		step.Mul(step, big.NewInt(int64(factor)))
	}
	return out
}

// higherDigits are values above a number, by the digits to the left of where two
// differ: from 0299, that are 03 to 09, and 1 to 9.
func higherDigits(first, last string) []string {
	at := 0
	for at < len(first) && at < len(last) && first[at] == last[at] {
		at++
	}
	var out []string
	for ; at >= 0; at-- {
		if at >= len(last) || last[at] < '0' || last[at] > '9' {
			break
		}
		for c := last[at] + 1; c <= '9'; c++ {
			out = append(out, last[:at]+string(c))
		}
	}
	return out
}

// distinctPrefixes are the beginnings by which sorted values differ, where no
// single one has more than half of them. Where one is a digit, all digits are.
func distinctPrefixes(keys []string) []string {
	for at := 0; len(keys) > 1; at++ {
		counts := map[byte]int{}
		digit := false
		for _, k := range keys {
			if at < len(k) {
				counts[k[at]]++
				digit = digit || k[at] >= '0' && k[at] <= '9'
			}
		}
		if len(counts) == 0 {
			return nil
		}
		most := slices.MaxFunc(slices.Collect(maps.Keys(counts)), func(a, b byte) int { return counts[a] - counts[b] })
		if 2*counts[most] > len(keys) {
			keys = slices.DeleteFunc(keys, func(k string) bool { return at >= len(k) || k[at] != most })
			continue
		}
		for d := byte('0'); digit && d <= '9'; d++ {
			counts[d]++
		}
		var out []string
		for c := range counts {
			out = append(out, keys[0][:min(at, len(keys[0]))]+string(c))
		}
		slices.Sort(out)
		return out
	}
	return nil
}

// pickEvenly picks at most n of a sorted list, evenly.
func pickEvenly(list []string, n int) []string {
	if len(list) <= n {
		return list
	}
	var out []string
	for i := range n {
		out = append(out, list[i*len(list)/n])
	}
	return out
}

// keyToNumber reads a key as a number of digits of the alphabet.
func keyToNumber(key string) *big.Int {
	n, base := new(big.Int), big.NewInt(int64(len(keyAlphabet)))
	for i := range keyDigits {
		n.Mul(n, base)
		if i < len(key) {
			at := strings.IndexFunc(keyAlphabet, func(r rune) bool { return r >= rune(key[i]) })
			if at < 0 {
				at = len(keyAlphabet) - 1
			}
			n.Add(n, big.NewInt(int64(at)))
		}
	}
	return n
}

// numberToKey is a short text at about a number.
func numberToKey(n *big.Int) string {
	var text [keyDigits]byte
	base, rest, left := big.NewInt(int64(len(keyAlphabet))), new(big.Int), new(big.Int).Set(n)
	for i := keyDigits - 1; i >= 0; i-- {
		left.DivMod(left, base, rest)
		text[i] = keyAlphabet[rest.Int64()]
	}
	return strings.TrimRight(string(text[:]), keyAlphabet[:1])
}
