package text

import (
	"fmt"
	"strings"
)

// maxMarkdown is the most characters of a report in Markdown: what fits a
// pull-request comment.
const maxMarkdown = 60000

// Bounded is Markdown that fits a pull-request comment: 60,000 characters. A
// line that doesn't fit any more is left out.
type Bounded struct {
	b strings.Builder
	n int
}

// Line adds a line.
func (b *Bounded) Line(format string, args ...any) {
	s := fmt.Sprintf(format, args...) + "\n"
	n := len([]rune(s))
	if b.n+n > maxMarkdown {
		return
	}
	b.n += n
	b.b.WriteString(s)
}

// Fits reports room for n more characters, and for the closing lines.
func (b *Bounded) Fits(n int) bool { return b.n+n+2000 < maxMarkdown }

func (b *Bounded) String() string { return b.b.String() }
