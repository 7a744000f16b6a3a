package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// gap stands in a text for what is only known when the message is made.
const gap = "…"

// source is a package as its messages are looked for: its files, and the texts
// of its constants.
type source struct {
	dir    string
	files  []*ast.File
	consts map[string]string
	funcs  map[string]*ast.FuncDecl
	depth  int // of functions whose text is being taken
}

// parseSource reads a package without its tests.
func parseSource(dir string) (*source, error) {
	s := &source{dir: dir, consts: map[string]string{}, funcs: map[string]*ast.FuncDecl{}}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		s.files = append(s.files, f)
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				if d.Tok == token.CONST {
					s.constants(d, s.consts)
				}
			case *ast.FuncDecl:
				s.funcs[d.Name.Name] = d
			}
		}
	}
	return s, nil
}

// sourcesBelow are the packages in a folder and below it, but for those that
// only tests use.
func sourcesBelow(root string) (out []*source, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() || d.Name() == "testdata" || strings.HasSuffix(d.Name(), "test") {
			return err
		}
		s, err := parseSource(path)
		if err == nil && len(s.files) > 0 {
			out = append(out, s)
		}
		return err
	})
	return out, err
}

func (s *source) constants(g *ast.GenDecl, into map[string]string) {
	for _, spec := range g.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for i, name := range v.Names {
			if i < len(v.Values) {
				into[name.Name] = s.text(v.Values[i], into)
			}
		}
	}
}

// functions calls each with every function that has a body, and the texts of
// the names in it.
func (s *source) functions(each func(f *ast.FuncDecl, names map[string]string)) {
	for _, file := range s.files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			each(f, s.names(f))
		}
	}
}

// names are the texts that a function's own constants and variables have first.
func (s *source) names(f *ast.FuncDecl) map[string]string {
	names := map[string]string{}
	for k, v := range s.consts {
		names[k] = v
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			s.constants(n, names)
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				name, ok := left.(*ast.Ident)
				if !ok || i >= len(n.Rhs) {
					continue
				}
				if _, seen := names[name.Name]; !seen || n.Tok == token.DEFINE {
					names[name.Name] = s.text(n.Rhs[i], names)
				}
			}
		}
		return true
	})
	return names
}

// text is what can be said of a string in the code: gaps for the rest.
func (s *source) text(e ast.Expr, names map[string]string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if t, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return t
		}
	case *ast.ParenExpr:
		return s.text(e.X, names)
	case *ast.Ident:
		if t, ok := names[e.Name]; ok {
			return t
		}
	case *ast.BinaryExpr:
		return s.text(e.X, names) + s.text(e.Y, names)
	case *ast.CallExpr:
		switch name := calledName(e); {
		case slices.Contains([]string{"Sprintf", "Errorf"}, name) && len(e.Args) > 0:
			return withoutVerbs(s.text(e.Args[0], names))
		case name == "join" && len(e.Args) == 2: // a problem and what to do
			return s.text(e.Args[0], names) + " " + s.text(e.Args[1], names)
		case slices.Contains([]string{"capital", "New"}, name) && len(e.Args) > 0:
			return s.text(e.Args[0], names)
		case s.funcs[name] != nil && s.depth < 3:
			return s.returned(s.funcs[name])
		}
	}
	return gap
}

// returned is what a function of the package gives where it says most.
func (s *source) returned(f *ast.FuncDecl) string {
	if f.Body == nil {
		return gap
	}
	s.depth++
	defer func() { s.depth-- }()
	best, names := gap, s.names(f)
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) > 0 {
			if t := s.text(r.Results[0], names); len(t) > len(best) {
				best = t
			}
		}
		return true
	})
	return best
}

// empty reports a text of which nothing is known beforehand.
func empty(s string) bool { return strings.Trim(s, gap+".:,; \n") == "" }

// sentence makes a text begin with a capital and end with a full stop.
func sentence(s string) string {
	r := []rune(strings.TrimRight(s, "."))
	if len(r) > 0 {
		r[0] = unicode.ToUpper(r[0])
	}
	return string(r) + "."
}

// calledName is the last part of what is called.
func calledName(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// qualified is what is called, with the name before the dot.
func qualified(c *ast.CallExpr) string {
	if f, ok := c.Fun.(*ast.SelectorExpr); ok {
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name + "." + f.Sel.Name
		}
	}
	return calledName(c)
}

// withoutVerbs puts gaps in the place of a format's verbs.
func withoutVerbs(format string) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		if format[i+1] == '%' {
			b.WriteByte('%')
			i++
			continue
		}
		for i++; i < len(format) && strings.ContainsRune("+-# 0123456789.*[]", rune(format[i])); i++ {
		}
		b.WriteString(gap)
	}
	return b.String()
}
