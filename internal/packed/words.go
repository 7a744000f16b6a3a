package packed

// fewWords is how many different values a column has at most whose values are written
// as numbers: those of one byte.
const fewWords = 256

// Words writes a column whose values are often few different ones, as those of a
// department are: as numbers of them where they are few, else one after another.
func (w *Writer) Words(n int, value func(int) string) {
	at := map[string]byte{}
	var words []string
	var likely [256]byte // the word that last looked so: most are told by their ends, without the map
	numbers := make([]byte, n)
	for i := range n {
		v := value(i)
		looks := &likely[lookOf(v)]
		if k := *looks; int(k) < len(words) && words[k] == v {
			numbers[i] = k
			continue
		}
		k, ok := at[v]
		if !ok {
			if len(words) == fewWords {
				w.Flags(0)
				w.Column(n, value)
				return
			}
			k = byte(len(words))
			at[v] = k
			words = append(words, v)
		}
		numbers[i], *looks = k, k
	}
	w.Flags(1)
	w.Column(len(words), func(i int) string { return words[i] })
	w.Number(n)
	w.room(n)
	w.B = append(w.B, numbers...)
}

// lookOf is a number for a text's length and ends.
func lookOf(s string) byte {
	if s == "" {
		return 0
	}
	return byte(len(s)) ^ s[0]<<2 ^ s[len(s)-1]<<4
}

// Beside writes a column that is mostly like another, as mail is like the user
// principal name: a bit for each that differs, and those.
func (w *Writer) Beside(n int, other, value func(int) string) {
	bits := make([]byte, (n+7)/8)
	var differ []int
	for i := range n {
		if value(i) != other(i) {
			bits[i/8] |= 1 << (i % 8)
			differ = append(differ, i)
		}
	}
	w.B = append(w.B, bits...)
	w.Column(len(differ), func(i int) string { return value(differ[i]) })
}

// Words reads what Words wrote.
func (r *Reader) Words() []string {
	if r.Flags() == 0 {
		return r.Column()
	}
	words := r.Column()
	numbers := r.Take(r.Count())
	out := make([]string, len(numbers))
	for i := range out {
		k := int(numbers[i])
		if k >= len(words) {
			r.Fail("a value is missing")
			return nil
		}
		out[i] = words[k]
	}
	return out
}

// Beside reads a column that Beside wrote beside another.
func (r *Reader) Beside(other []string) []string {
	bits := r.Take((len(other) + 7) / 8)
	differ := r.Column()
	out := make([]string, len(other))
	for i := range len(bits) {
		for k := 8 * i; k < min(8*i+8, len(out)); k++ {
			switch {
			case bits[i]>>(k%8)&1 == 0:
				out[k] = other[k]
			case len(differ) == 0:
				r.Fail("a value is missing")
				return nil
			default:
				out[k], differ = differ[0], differ[1:]
			}
		}
	}
	if len(differ) > 0 {
		r.Fail("more values than it announces")
		return nil
	}
	return out
}
