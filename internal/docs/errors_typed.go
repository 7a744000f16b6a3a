package main

import (
	"cmp"
	"go/ast"
	"path/filepath"
	"slices"
	"strings"
)

// onTheWay writes what follows where something that was asked of a service
// fails: the endings, what was being done, and what the errors advise.
func onTheWay(line func(string, ...any), sources []*source) error {
	line("## What fails on the way\n")
	line("The first line says what was being done, and how it ended:\n")
	for _, s := range sources {
		if filepath.Base(s.dir) == "diagnose" {
			endings(line, s)
		}
	}
	line("\nWhat was being done:\n")
	for _, d := range deeds(sources) {
		line("- %s", escaped(d))
	}
	line("\n## What the text says next, and what to do\n")
	for _, dir := range []string{"internal/entra", "internal/atlassian"} {
		s, err := parseSource(dir)
		if err != nil {
			return err
		}
		sources = append(sources, s)
	}
	var list []advice
	for _, s := range sources {
		list = append(list, advised(s)...)
	}
	slices.SortFunc(list, func(a, b advice) int { return cmp.Or(cmp.Compare(a.error, b.error), cmp.Compare(a.advice, b.advice)) })
	for _, a := range slices.Compact(list) {
		line("- **%s** %s", escaped(a.error), escaped(a.advice))
	}
	line("")
	return nil
}

// endings are what the package diagnose returns as summary and detail.
func endings(line func(string, ...any), s *source) {
	s.functions(func(f *ast.FuncDecl, names map[string]string) {
		if f.Name.Name != "told" {
			return
		}
		names["doing"] = "What was being done"
		ast.Inspect(f.Body, func(n ast.Node) bool {
			r, ok := n.(*ast.ReturnStmt)
			if !ok || len(r.Results) != 2 {
				return true
			}
			summary, detail := s.text(r.Results[0], names), s.text(r.Results[1], names)
			if empty(summary) {
				return true
			}
			if empty(detail) {
				detail = "the text below it says why, and what to do."
			}
			line("- **%s**: %s", summary, escaped(strings.ReplaceAll(detail, "\n\n", " ")))
			return true
		})
	})
}

// deeds are what is given as having been done.
func deeds(sources []*source) (out []string) {
	for _, s := range sources {
		s.functions(func(f *ast.FuncDecl, names map[string]string) {
			ast.Inspect(f.Body, func(n ast.Node) bool {
				c, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				at := -1
				switch qualified(c) {
				case "diagnose.Error", "diagnose.Argument", "problem":
					at = 0
				case "diagnose.At":
					at = 1
				}
				if calledName(c) == "Client" && len(c.Args) >= 3 { // of a session: it may refuse
					at = 1
				}
				if at >= 0 && len(c.Args) > at {
					if t := s.text(c.Args[at], names); !strings.Contains(t, gap) {
						out = append(out, t)
					}
				}
				return true
			})
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

type advice struct{ error, advice string }

// advised are the errors of a package that say what to do.
func advised(s *source) (out []advice) {
	said, todo := map[string][]string{}, map[string][]string{}
	s.functions(func(f *ast.FuncDecl, names map[string]string) {
		if f.Recv == nil || (f.Name.Name != "Error" && f.Name.Name != "Advice") {
			return
		}
		typ := receiver(f)
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) == 1 {
				if t := s.text(r.Results[0], names); !empty(t) {
					if f.Name.Name == "Error" {
						said[typ] = append(said[typ], t)
					} else {
						todo[typ] = append(todo[typ], t)
					}
				}
			}
			return true
		})
	})
	for typ, list := range todo {
		for _, a := range list {
			text := strings.Join(said[typ], "; or: ")
			if text == "" {
				text = gap
			}
			out = append(out, advice{sentence(text), a})
		}
	}
	return append(out, literals(s)...)
}

// literals are errors with advice that are made where they happen.
func literals(s *source) (out []advice) {
	add := func(problem, todo string) {
		if !empty(problem) && !empty(todo) {
			out = append(out, advice{sentence(problem), todo})
		}
	}
	s.functions(func(f *ast.FuncDecl, names map[string]string) {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if qualified(n) == "diagnose.WithAdvice" && len(n.Args) == 2 {
					add(s.text(n.Args[0], names), s.text(n.Args[1], names))
				}
			case *ast.CompositeLit:
				said := map[string]string{}
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						said[keyName(kv)] = s.text(kv.Value, names)
					}
				}
				add(said["Problem"], said["Advice"])
			}
			return true
		})
	})
	return out
}

func keyName(kv *ast.KeyValueExpr) string {
	if id, ok := kv.Key.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

func typeName(e ast.Expr) string {
	switch t := e.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.SelectorExpr:
		return t.Sel.Name
	}
	return ""
}

func receiver(f *ast.FuncDecl) string {
	t := f.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	return typeName(t)
}

// pureParts say what is wrong in an argument, an expression, a filter or a
// file; the diagnostic stands on the argument.
var pureParts = []struct{ dir, title string }{
	{"internal/decision", "Arguments of outcomes and decisions"}, {"internal/mapping", "Mappings"}, {"internal/expression", "Expressions"},
	{"internal/scoping", "Filters"}, {"internal/usertype", "Policies and records"}, {"internal/directory", "Snapshots and readings"},
}

// inArguments writes the mistakes that the pure packages find.
func inArguments(line func(string, ...any)) error {
	line("## Mistakes in arguments, expressions, filters and files\n")
	line("These texts stand in the detail of an error on the argument that is meant, with the place in it. The remedy is to correct what they name.\n")
	for _, p := range pureParts {
		s, err := parseSource(p.dir)
		if err != nil {
			return err
		}
		line("### %s\n", p.title)
		for _, m := range mistakes(s) {
			line("- %s", escaped(m))
		}
		line("")
	}
	return nil
}

func mistakes(s *source) (out []string) {
	s.functions(func(f *ast.FuncDecl, names map[string]string) {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || len(c.Args) == 0 {
				return true
			}
			switch qualified(c) {
			case "fmt.Errorf", "errors.New":
				t := strings.ReplaceAll(s.text(c, names), "\n", " ")
				if len(strings.Trim(t, gap+":, ")) > 8 {
					out = append(out, t)
				}
			}
			return true
		})
	})
	slices.Sort(out)
	return slices.Compact(out)
}
