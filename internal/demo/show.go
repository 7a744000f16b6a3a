package main

import (
	"strings"
)

// show prints the parts of a CLI's output that begin with one of the names:
// an attribute with what is inside it, or a paragraph.
func show(output string, names ...string) {
	lines := strings.Split(output, "\n")
	skipped := false
	for i := 0; i < len(lines); {
		if !begins(lines[i], names) {
			skipped = skipped || strings.TrimSpace(lines[i]) != ""
			i++
			continue
		}
		if skipped {
			say("    …")
			skipped = false
		}
		i = block(lines, i)
	}
	if skipped {
		say("    …")
	}
}

// begins reports a line that starts one of the parts.
func begins(line string, names []string) bool {
	text := strings.TrimLeft(line, " ~+-│╷")
	for _, n := range names {
		if strings.HasPrefix(text, n) {
			return true
		}
	}
	return false
}

// block prints a part and gives the line after it: up to the bracket that
// closes it, or to the end of a warning's box or paragraph.
func block(lines []string, i int) int {
	depth, boxed := 0, strings.HasPrefix(lines[i], "│")
	for ; i < len(lines); i++ {
		line := lines[i]
		say("  %s", strings.TrimRight(line, " "))
		depth += strings.Count(line, "{") + strings.Count(line, "(") + strings.Count(line, "[") -
			strings.Count(line, "}") - strings.Count(line, ")") - strings.Count(line, "]")
		switch {
		case boxed && !strings.HasPrefix(lines[min(i+1, len(lines)-1)], "│"):
			return i + 1
		case !boxed && depth <= 0 && !strings.HasPrefix(line, "Warning"):
			return i + 1
		case strings.HasPrefix(line, "Warning") || depth > 0 || boxed:
		}
		if strings.HasPrefix(line, "Warning") {
			for i++; i < len(lines); i++ {
				if strings.HasPrefix(lines[i], "Warning") || strings.HasPrefix(lines[i], "───") {
					break
				}
				if strings.TrimSpace(lines[i]) != "" {
					say("    %s", lines[i])
				}
			}
			return i
		}
	}
	return i
}

// wrap prints text in lines of at most 116 characters behind a prefix.
func wrap(prefix, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	const width = 116
	line := prefix
	indent := strings.Repeat(" ", len([]rune(prefix)))
	for i, word := range strings.Fields(text) {
		if i > 0 && len([]rune(line))+1+len([]rune(word)) > width {
			say("%s", line)
			line = indent + word
			continue
		}
		if i > 0 {
			line += " "
		}
		line += word
	}
	say("%s", line)
}
