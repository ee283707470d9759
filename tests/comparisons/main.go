// Comparisons finds comparisons of bytes that take longer the more bytes are equal, and
// fails at any that is not marked as public:
//
//	comparisons PACKAGE...
//
// It finds == and != of byte arrays, of structs with one in them and of strings converted
// from bytes in place, and the comparing functions of bytes, slices, strings and reflect on
// bytes. A comparison of public bytes needs a comment that starts with "public:"; secrets
// are compared by crypto/subtle, which it does not report.
//
// It reads the files of a build, without tests and packages for tests. `make ctime` measures the time of code.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// listed is a package as `go list` prints it.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles, CgoFiles       []string
	Imports                 []string
	DepOnly                 bool
}

// forTests reports whether only tests use the package.
func (p listed) forTests() bool { return slices.Contains(p.Imports, "testing") }

func run(patterns []string) error {
	packages, err := list(patterns)
	if err != nil {
		return err
	}
	exports := map[string]string{}
	for _, p := range packages {
		exports[p.ImportPath] = p.Export
	}
	files := token.NewFileSet()
	imports := importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	checked, public := 0, 0
	var found []string
	for _, p := range packages {
		if p.DepOnly || p.forTests() {
			continue
		}
		s := scan{files: files}
		if err := s.read(p, imports); err != nil {
			return fmt.Errorf("%s: %w", p.ImportPath, err)
		}
		checked, public, found = checked+1, public+s.public, append(found, s.found...)
	}
	if len(found) > 0 {
		return errors.New(strings.Join(found, "\n"))
	}
	if checked == 0 {
		return errors.New("no package was read")
	}
	fmt.Printf("comparisons: secrets go through crypto/subtle in %d packages, %d comparisons of public bytes say so\n", checked, public)
	return nil
}

func list(patterns []string) ([]listed, error) {
	command := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,CgoFiles,Imports,DepOnly", "-tags", "sqlite_omit_load_extension"}, patterns...)...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, err
	}
	var packages []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		switch err := decoder.Decode(&p); err {
		case nil:
			packages = append(packages, p)
		case io.EOF:
			return packages, nil
		default:
			return nil, err
		}
	}
}

// scan reads one package.
type scan struct {
	files  *token.FileSet
	info   types.Info
	allow  map[string]bool // lines, as file:line, with a comment that starts with "public:"
	public int
	found  []string
}

func (s *scan) read(p listed, imports types.Importer) error {
	s.info = types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	s.allow = map[string]bool{}
	var parsed []*ast.File
	for _, name := range append(p.GoFiles, p.CgoFiles...) {
		file, err := parser.ParseFile(s.files, filepath.Join(p.Dir, name), nil, parser.ParseComments)
		if err != nil {
			return err
		}
		for _, group := range file.Comments {
			for _, comment := range group.List {
				if strings.HasPrefix(comment.Text, "// public:") {
					s.allow[s.line(comment)] = true
				}
			}
		}
		parsed = append(parsed, file)
	}
	settings := types.Config{Importer: imports, FakeImportC: true}
	if _, err := settings.Check(p.ImportPath, s.files, parsed, &s.info); err != nil {
		return err
	}
	for _, file := range parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			s.look(n)
			return true
		})
	}
	return nil
}

func (s *scan) line(n ast.Node) string {
	at := s.files.Position(n.Pos())
	return fmt.Sprintf("%s:%d", at.Filename, at.Line)
}

func (s *scan) look(n ast.Node) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if (n.Op == token.EQL || n.Op == token.NEQ) && (s.bytes(n.X) || s.bytes(n.Y)) {
			s.report(n, n.Op.String()+" on bytes")
		}
	case *ast.CallExpr:
		if name := s.comparing(n); name != "" {
			s.report(n, name)
		}
	}
}

func (s *scan) report(n ast.Node, what string) {
	if s.allow[s.line(n)] {
		s.public++
		return
	}
	s.found = append(s.found, fmt.Sprintf("%s: %s: use crypto/subtle, or say what is public about it in a comment that starts with \"public:\"", s.line(n), what))
}

// bytes reports whether e is an array of bytes, or contains one, or is a string converted
// from bytes in place.
func (s *scan) bytes(e ast.Expr) bool {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok && len(call.Args) == 1 {
		if to := s.info.Types[call.Fun]; to.IsType() && isString(to.Type) && isBytes(s.info.Types[call.Args[0]].Type) {
			return true
		}
	}
	t := s.info.Types[e].Type
	return t != nil && holdsArray(t) // nil: C's
}

func isString(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsString != 0
}

func isByte(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Kind() == types.Uint8
}

func isBytes(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Slice:
		return isByte(t.Elem())
	case *types.Array:
		return isByte(t.Elem())
	}
	return false
}

func holdsArray(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Array:
		return isByte(t.Elem()) || holdsArray(t.Elem())
	case *types.Struct:
		for field := range t.Fields() {
			if holdsArray(field.Type()) {
				return true
			}
		}
	}
	return false
}

// comparing returns the name of a comparing function that is called on bytes, or "".
func (s *scan) comparing(call *ast.CallExpr) string {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return ""
	}
	function, ok := s.info.Uses[selector.Sel].(*types.Func)
	if !ok || function.Pkg() == nil {
		return ""
	}
	name := function.Pkg().Path() + "." + function.Name()
	switch name {
	case "bytes.Equal", "bytes.Compare", "bytes.HasPrefix", "bytes.HasSuffix", "bytes.Contains", "bytes.Index", "reflect.DeepEqual":
		return name
	case "slices.Equal", "slices.Compare":
		if isBytes(s.info.Types[call.Args[0]].Type) {
			return name
		}
	}
	return ""
}
