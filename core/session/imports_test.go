package session_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// If this failed, a session would need a store, or the ratchet would stand in two places.
func TestNoStore(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		switch name := strings.TrimSpace(line); name {
		case "libcallkey/core/store", "libcallkey/core/signal", "database/sql", "github.com/mattn/go-sqlite3":
			t.Errorf("core/session imports %s", name)
		}
	}
}

var impure = regexp.MustCompile(`"time"|"os"|"sync/atomic"|\btime\.Now\b|sync\.(RW)?Mutex`)

// If this failed, a result would depend on the machine's clock, or a call would wait for another.
func TestNoClockAndNoLock(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := impure.Find(source); found != nil {
			t.Errorf("%s has %s", name, found)
		}
	}
}

// parsed are the package's sources without its tests.
func parsed(t *testing.T) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[name], err = parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution); err != nil {
			t.Fatal(err)
		}
	}
	if len(files) == 0 {
		t.Fatal("no sources")
	}
	return files
}

// If this failed, a session would have keys that no test can fix and no program can give: all its
// randomness comes through one parameter, and System is only what programs without another pass.
// TestConversation shows that nothing else is random.
func TestOneSourceOfRandomness(t *testing.T) {
	uses := 0
	for name, file := range parsed(t) {
		for _, i := range file.Imports {
			if path := i.Path.Value; strings.Contains(path, "rand") && path != `"crypto/rand"` {
				t.Errorf("%s imports %s", name, path)
			}
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			ast.Inspect(d, func(n ast.Node) bool {
				selector, is := n.(*ast.SelectorExpr)
				if !is {
					return true
				}
				of, is := selector.X.(*ast.Ident)
				switch {
				case !is:
				case of.Name == "curve" && selector.Sel.Name == "Generate":
					t.Errorf("%s: curve.Generate has randomness of its own", name)
				case of.Name != "rand":
				case ok && f.Recv == nil && f.Name.Name == "System":
					uses++
				default:
					t.Errorf("%s: rand.%s is used outside of System", name, selector.Sel.Name)
				}
				return true
			})
		}
	}
	if uses != 1 {
		t.Errorf("System uses crypto/rand %d times", uses)
	}
}
