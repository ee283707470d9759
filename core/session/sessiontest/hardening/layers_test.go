package hardening_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// parsed are the sources that match a pattern.
func parsed(t *testing.T, pattern string) (files []*ast.File) {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no sources: %v", pattern, err)
	}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// scenarios are the package's exported functions of a test, or a fuzz test, and a device.
func scenarios(t *testing.T) (names []string) {
	t.Helper()
	for _, file := range parsed(t, "*.go") {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() || len(f.Type.Params.List) != 2 {
				continue
			}
			_, tests := f.Type.Params.List[0].Type.(*ast.StarExpr)
			device, ok := f.Type.Params.List[1].Type.(*ast.Ident)
			if tests && ok && device.Name == "Device" {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}

// plays are the tests of a folder that are nothing but a call of this package, by what they call.
func plays(t *testing.T, folder string) map[string]string {
	t.Helper()
	tests := map[string]string{}
	for _, file := range parsed(t, filepath.Join(folder, "*_test.go")) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || len(f.Body.List) != 1 {
				continue
			}
			statement, ok := f.Body.List[0].(*ast.ExprStmt)
			if !ok {
				continue
			}
			call, ok := statement.X.(*ast.CallExpr)
			if !ok {
				continue
			}
			called, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				continue
			}
			if of, ok := called.X.(*ast.Ident); ok && of.Name == "hardening" {
				tests[called.Sel.Name] = f.Name.Name
			}
		}
	}
	return tests
}

// If this failed, a fault would be looked for on one layer only.
func TestEveryScenarioIsPlayedOnBothLayers(t *testing.T) {
	all := scenarios(t)
	if len(all) < 30 {
		t.Fatalf("%d scenarios were found", len(all))
	}
	records, stores := plays(t, "../.."), plays(t, "../../../signal")
	for _, name := range all {
		onRecords, onStores := records[name], stores[name]
		if onRecords == "" || onRecords != onStores {
			t.Errorf("%s is played by %q on records and by %q on stores", name, onRecords, onStores)
		}
		if !strings.HasSuffix(onRecords, name) {
			t.Errorf("%s is played by %s: it can't be found", name, onRecords)
		}
	}
}
