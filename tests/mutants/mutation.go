package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// mutation is one change to one file.
type mutation struct {
	file     string // from the root of the module
	line     int
	function string // or the constant or variable that is declared there
	kind     string
	change   string // old text -> new text
	edits    []edit
}

// edit replaces the bytes from start to end.
type edit struct {
	start, end int
	text       string
}

// key names the mutation independently of line numbers.
func (m mutation) key() string { return m.file + ": " + m.function + ": " + m.change }

func (m mutation) String() string {
	return fmt.Sprintf("%s:%d: %s: %s: %s", m.file, m.line, m.function, m.kind, m.change)
}

// apply makes the change.
func (m mutation) apply(source []byte) []byte {
	edits := slices.SortedFunc(slices.Values(m.edits), func(a, b edit) int { return a.start - b.start })
	var out []byte
	at := 0
	for _, e := range edits {
		out = append(append(out, source[at:e.start]...), e.text...)
		at = e.end
	}
	return append(out, source[at:]...)
}

// scan collects the mutations of a file.
type scan struct {
	name      string
	source    []byte
	files     *token.FileSet
	functions []span
	skipped   map[ast.Node]bool
	found     []mutation
}

// span is the range of a declaration.
type span struct {
	from, to token.Pos
	name     string
}

// mutationsOf returns all changes to try in a file, in the order of their lines.
func mutationsOf(name string, source []byte) ([]mutation, error) {
	s := scan{name: name, source: source, files: token.NewFileSet(), skipped: map[ast.Node]bool{}}
	file, err := parser.ParseFile(s.files, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range file.Decls {
		s.declare(d)
	}
	ast.Inspect(file, s.visit)
	slices.SortStableFunc(s.found, func(a, b mutation) int { return a.line - b.line })
	seen := map[string]int{}
	for i := range s.found {
		m := &s.found[i]
		seen[m.key()]++
		if n := seen[m.key()]; n > 1 {
			m.change += fmt.Sprintf(" #%d", n)
		}
	}
	return s.found, nil
}

// declare records the name of a declaration.
func (s *scan) declare(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil && len(d.Recv.List) == 1 {
			name = strings.TrimPrefix(s.text(d.Recv.List[0].Type), "*") + "." + name
		}
		s.functions = append(s.functions, span{d.Pos(), d.End(), name})
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				s.functions = append(s.functions, span{v.Pos(), v.End(), v.Names[0].Name})
			}
		}
	}
}

func (s *scan) offset(p token.Pos) int { return s.files.Position(p).Offset }

func (s *scan) text(n ast.Node) string { return string(s.source[s.offset(n.Pos()):s.offset(n.End())]) }

// add records a change. change is "" if the line before and after describes it.
func (s *scan) add(at ast.Node, kind, change string, edits ...edit) {
	m := mutation{file: s.name, line: s.files.Position(at.Pos()).Line, function: "file", kind: kind, edits: edits}
	for _, f := range s.functions {
		if f.from <= at.Pos() && at.Pos() < f.to {
			m.function = f.name
		}
	}
	if m.change = change; change == "" {
		m.change = s.line(edits[0], nil) + " -> " + s.line(edits[0], &edits[0])
	}
	s.found = append(s.found, m)
}

// replace is add for one node with another text instead.
func (s *scan) replace(n ast.Node, kind, text string) {
	s.add(n, kind, "", edit{s.offset(n.Pos()), s.offset(n.End()), text})
}

// operator is add for an operator, which has no node of its own.
func (s *scan) operator(n ast.Node, at token.Pos, was, is token.Token, kind string) {
	from := s.offset(at)
	s.add(n, kind, "", edit{from, from + len(was.String()), is.String()})
}

// drop is add for a statement that is not run. It stays in the source, because it may be the
// only use of a variable or an import.
func (s *scan) drop(n ast.Stmt, kind string) {
	from, to := s.offset(n.Pos()), s.offset(n.End())
	s.add(n, kind, flat(s.text(n))+" -> nothing", edit{from, from, "if false { "}, edit{to, to, " }"})
}

// line is the line of the source that e changes: as it is, or with e's text.
func (s *scan) line(e edit, with *edit) string {
	from, to := e.start, e.end
	for from > 0 && s.source[from-1] != '\n' {
		from--
	}
	for to < len(s.source) && s.source[to] != '\n' {
		to++
	}
	line := string(s.source[from:to])
	if with != nil {
		line = string(s.source[from:with.start]) + with.text + string(s.source[with.end:to])
	}
	if code, comment, ok := strings.Cut(line, " // "); ok && !strings.Contains(comment, `"`) {
		line = code
	}
	return flat(line)
}

// flat joins a text into one line.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }
