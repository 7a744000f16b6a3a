package entra

import (
	"maps"
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
		// Some share what was seen equally, which is right where it is like the
		// rest; some share the next character equally, which is right where
		// names are numbered and the low numbers came first.
		half := (n + 2) / 2
		for i := 1; i < half; i++ {
			out = append(out, keys[i*len(keys)/half])
		}
		out = append(out, spread(branches(keys), n)...)
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

// beyond guesses boundaries above the last of sorted values. Numbers are
// counted up, digit by digit. Behind them, the first boundary is as far away as
// the values spread, and each further one several times as far, for it isn't
// known how many follow.
func beyond(keys []string, hi string) []string {
	first, last := keys[0], keys[len(keys)-1]
	out := append([]string{last}, counted(first, last)...)
	end := new(big.Int).Exp(big.NewInt(int64(len(letters))), big.NewInt(digits), nil)
	if hi != "" {
		end = number(strings.ToLower(hi))
	}
	highest := number(slices.Max(out))
	step := new(big.Int).Sub(number(last), number(first))
	for n, at := 0, new(big.Int); step.Sign() > 0 && len(out) < 64; n++ {
		if at.Add(number(last), step); at.Cmp(end) >= 0 {
			break
		}
		if at.Cmp(highest) > 0 {
			out = append(out, name(at))
		}
		factor := reach
		if n >= steps {
			factor = len(letters)
		}
		step.Mul(step, big.NewInt(int64(factor)))
	}
	return out
}

// counted are values above a number, by the digits to the left of where two
// differ: from 0299, that are 03 to 09, and 1 to 9.
func counted(first, last string) []string {
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

// branches are the beginnings by which sorted values differ, where no single one
// has more than half of them. Where one is a digit, all digits are.
func branches(keys []string) []string {
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

// spread picks at most n of a sorted list, evenly.
func spread(list []string, n int) []string {
	if len(list) <= n {
		return list
	}
	var out []string
	for i := range n {
		out = append(out, list[i*len(list)/n])
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
