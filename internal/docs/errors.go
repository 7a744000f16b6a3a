package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
)

// message is one thing that the provider may say.
type message struct{ kind, summary, on, detail string }

// nouns are the parts of the page, in its order: folders of internal/provider
// and what they are called.
var nouns = []struct{ dir, title string }{
	{".", "The provider block"}, {"reading", "Readings"}, {"arguments", "Connector, scope, settings and what-if"}, {"outcome", "Outcomes"}, {"decision", "Decisions"}, {"reconciliation", "Reconciliation"}, {"usertype", "User types"},
	{"provisioning", "Provisioning"}, {"crosstenant", "Cross-tenant partners"}, {"domain", "Domains"}, {"report", "Report, provisioning log"},
	{"action", "Actions"}, {"function", "Functions"}, {"query", "Lists"}, {"configcheck", "Any argument"}, {"tfutil", "Timeouts and ids"}, {"diagnose", "Any of them"},
}

// errorsPage makes the page of everything that the provider may say, from the
// code that says it.
func errorsPage() ([]byte, error) {
	sources, err := sourcesBelow(filepath.Join("internal", "provider"))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("---\npage_title: \"Troubleshooting by error text\"\nsubcategory: \"\"\ndescription: |-\n  Every error and warning of the provider, its cause and its remedy.\n---\n")
	line("# Troubleshooting by error text\n")
	line("Every error and warning that the provider can give, made from its code. Search this page for the first line of what the CLI printed. `%s` stands for what is only known then: names, numbers, what a service answered.\n", gap)
	line("Services' own refusals come as *what was being done* failed: see [What fails on the way](#what-fails-on-the-way).\n")
	known := map[string]bool{}
	for _, n := range nouns {
		var list []message
		for _, s := range sources {
			if rel, _ := filepath.Rel(filepath.Join("internal", "provider"), s.dir); rel == n.dir {
				list = append(list, messagesOf(s)...)
				known[s.dir] = true
			}
		}
		if len(list) == 0 {
			continue
		}
		line("## %s\n", n.title)
		last := ""
		for _, m := range tidied(list) {
			if m.summary != last {
				line("### %s\n", escaped(m.summary))
			}
			last = m.summary
			line("%s%s.%s\n", m.kind, m.on, m.shown())
		}
	}
	for _, s := range sources {
		if !known[s.dir] {
			return nil, fmt.Errorf("internal/docs/errors.go doesn't know what %s is called: add it to nouns", s.dir)
		}
	}
	if err := onTheWay(line, sources); err != nil {
		return nil, err
	}
	if err := inArguments(line); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// shown is the detail, where anything of it is known beforehand.
func (m message) shown() string {
	if empty(m.detail) {
		return ""
	}
	return " " + escaped(m.detail)
}

// kinds are the calls that make a message: where its summary stands among the
// arguments, and what it is.
var kinds = map[string]struct {
	at   int
	kind string
}{
	"AddError": {0, "Error"}, "AddWarning": {0, "Warning"}, "AddAttributeError": {1, "Error"}, "AddAttributeWarning": {1, "Warning"},
	// Of the provider block: the argument follows the detail, since there is no
	// path to it.
	"blockError":    {1, "Error"},
	"ArgumentError": {1, "Error"},

	"NewErrorDiagnostic": {0, "Error"}, "NewWarningDiagnostic": {0, "Warning"}, "NewAttributeErrorDiagnostic": {1, "Error"}, "NewAttributeWarningDiagnostic": {1, "Warning"},
}

func messagesOf(s *source) (out []message) {
	s.functions(func(f *ast.FuncDecl, names map[string]string) {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			k, ok := kinds[calledName(c)]
			if !ok || len(c.Args) < k.at+2 {
				if calledName(c) == "NewArgumentFuncError" || calledName(c) == "NewFuncError" {
					out = append(out, message{"Error", "Call to function failed", "", s.text(c.Args[len(c.Args)-1], names)})
				}
				return true
			}
			m := message{kind: k.kind, summary: s.text(c.Args[k.at], names), detail: s.text(c.Args[k.at+1], names)}
			switch {
			case calledName(c) == "blockError" || calledName(c) == "ArgumentError":
				m.on = attributeOf(c.Args[k.at+2:]...)
			case k.at == 1:
				m.on = attributeOf(c.Args[0])
			}
			out = append(out, m)
			return true
		})
	})
	return out
}

// attributeOf says on which argument a message stands, where the code names it.
func attributeOf(where ...ast.Expr) string {
	var parts []string
	for _, e := range where {
		ast.Inspect(e, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				parts = append(parts, strings.Trim(l.Value, `"`))
			}
			return true
		})
	}
	if len(parts) == 0 {
		return ", on the argument that it is about"
	}
	return ", on `" + strings.Join(parts, ".") + "`"
}

// tidied drops what says nothing by itself, and what is there twice.
func tidied(list []message) []message {
	list = slices.DeleteFunc(list, func(m message) bool { return empty(m.summary) })
	slices.SortFunc(list, func(a, b message) int {
		return cmp.Or(cmp.Compare(a.summary, b.summary), cmp.Compare(a.detail, b.detail), cmp.Compare(a.on, b.on))
	})
	return slices.Compact(list)
}

// escaped is a text in Markdown that shows as it is.
func escaped(s string) string {
	return strings.NewReplacer("<", "&lt;", ">", "&gt;", "*", "\\*", "{{", "{ {").Replace(strings.TrimSpace(s))
}
