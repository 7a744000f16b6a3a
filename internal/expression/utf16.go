package expression

import "unicode/utf8"

// The service is a .NET program: positions and lengths count UTF-16 units, so
// that a character beyond the basic plane, such as an emoji, counts two. [N]

// len16 is the length of s in UTF-16 units.
func len16(s string) int {
	n := len(s)
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			n = i
			for _, r := range s[i:] {
				n += units(r)
			}
			break
		}
	}
	return n
}

func units(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// offset16 is the byte offset of a position in UTF-16 units, or the end. A
// position inside a character is the one after it.
func offset16(s string, at int64) int {
	n := int64(0)
	for i, r := range s {
		if n >= at {
			return i
		}
		n += int64(units(r))
	}
	return len(s)
}

// slice16 cuts units out of s. Half of a pair of surrogates can't be sent as
// UTF-8; it becomes U+FFFD, as .NET's encoder writes it.
func (m *machine) slice16(s string, from, count int64) string {
	start, n, pieces := -1, int64(0), [2]bool{}
	end := len(s)
	to := from + count
	for i, r := range s {
		next := n + int64(units(r))
		if start < 0 && n >= from {
			start = i
		}
		if units(r) == 2 && n < from && next > from { // cut in the middle, at the start
			start, pieces[0] = i+utf8.RuneLen(r), true
		}
		if n >= to {
			end = i
			break
		}
		if next > to { // cut in the middle, at the end
			end, pieces[1] = i, true
			break
		}
		n = next
	}
	if start < 0 {
		return ""
	}
	if start > end { // only the middle of one character
		start = end
	}
	if !pieces[0] && !pieces[1] {
		return s[start:end]
	}
	dst := m.reserve(end - start + 6)
	if pieces[0] && count > 0 {
		dst = utf8.AppendRune(dst, utf8.RuneError)
	}
	dst = append(dst, s[start:end]...)
	if pieces[1] && count > 0 {
		dst = utf8.AppendRune(dst, utf8.RuneError)
	}
	return m.commit(dst)
}
