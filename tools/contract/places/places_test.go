package places

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"libcallkey/tools/contract/header"
)

const root = "../../.."

func contract(t *testing.T) *header.Contract {
	t.Helper()
	c, err := header.Read(filepath.Join(root, "include/callkey.h"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// If this failed, a declaration of the header could be unreachable from a binding, or untested.
func TestNothingIsMissing(t *testing.T) {
	missing, err := Find(root, contract(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range missing {
		t.Error(m)
	}
}

// If this failed, a table could lack a row unnoticed.
func TestEachMissingRowIsNamed(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes every row out once, 3 s")
	}
	c := contract(t)
	exceptions, err := readExceptions(filepath.Join(root, "tools/contract/places/exceptions.txt"))
	if err != nil {
		t.Fatal(err)
	}
	whole := plant(root)
	for _, table := range tables {
		tried := 0
		for _, d := range declarations(c) {
			patterns := table.row(whole, d)
			if _, excepted := exceptions[table.name+" "+d.name]; excepted || len(patterns) == 0 {
				continue
			}
			tried++
			text, err := whole.text(table.files)
			if err != nil {
				t.Fatal(err)
			}
			for _, pattern := range patterns {
				without := &tree{root, maps.Clone(whole.texts), whole.patterns}
				without.texts[table.files] = whole.pattern(pattern).ReplaceAllString(text, "")
				if needed, found, err := table.holds(without, d); err != nil || !needed || found {
					t.Errorf("%s: without %s of %s: needed %v, found %v, %v", table.name, pattern, d.name, needed, found, err)
				}
			}
		}
		if tried == 0 {
			t.Errorf("%s: no declaration needs a row", table.name)
		}
	}
}

// If this failed, a row that is commented out would count.
func TestRowInAComment(t *testing.T) {
	for text, ending := range map[string]string{
		"/* CALL(a) */\nkept":               ".c",
		"kept\n\t/*\n * ROW(a,\n */":        ".c",
		"// ROW(a,\nkept":                   ".c",
		"\t// derive.A(\nkept":              ".go",
		"    # call(\"a\"\nkept":            ".py",
		"    // a(\n/* a(\na(\n*/\nkept":    ".swift",
		"<!-- `a.json`\n`a.json` -->\nkept": ".md",
	} {
		if got := withoutComments(ending, text); got != "kept" {
			t.Errorf("%s: of %q is left %q", ending, text, got)
		}
	}
	for text, ending := range map[string]string{
		"//export ck_a\nfunc ck_a() { /* b */ }": ".go",
		"a /* b */ c":                            ".c",
		"# A title":                              ".md",
		"// a":                                   ".json",
	} {
		if got := withoutComments(ending, text); got != text {
			t.Errorf("%s: of %q is left %q", ending, text, got)
		}
	}
}

// If this failed, a function in a new package of core would need no row in the self-test.
func TestFunctionOfAnUnknownPackage(t *testing.T) {
	c := contract(t)
	f := c.Functions[slices.IndexFunc(c.Functions, func(f header.Function) bool { return f.Name == "callkey_check" })]
	for name, body := range map[string]string{"unknown": "\treturn video.Check(key)", "known": "\treturn callkey.Check(key)"} {
		f.Name = "callkey_" + name
		w := plant(root)
		w.texts["capi/*.go"] = "//export ck_" + name + "\nfunc ck_" + name + "() {\n" + body + "\n}\n"
		w.texts["core/selftest/*.go"] = "callkey.Check(key)"
		self := tables[slices.IndexFunc(tables, func(a table) bool { return a.name == "self-test" })]
		needed, found, err := self.holds(w, declaration{name: f.Name, function: &f})
		if err != nil || !needed || found != (name == "known") {
			t.Errorf("%s: needed %v, found %v, %v", name, needed, found, err)
		}
	}
}

// If this failed, an old exception would hide a row that goes missing years later.
func TestExceptionThatNothingNeeds(t *testing.T) {
	c := contract(t)
	exceptions, err := readExceptions(filepath.Join(root, "tools/contract/places/exceptions.txt"))
	if err != nil {
		t.Fatal(err)
	}
	exceptions["vectors callkey_warp_tag"] = "it has some"
	_, stale, err := find(plant(root), c, exceptions)
	if err != nil || !slices.Equal(stale, []string{"vectors callkey_warp_tag"}) {
		t.Errorf("got %q, %v", stale, err)
	}
}

// If this failed, an exception could lack a reason.
func TestExceptionWithoutReason(t *testing.T) {
	for _, text := range []string{"vectors callkey_generate", "vectors callkey_generate: random", "a b: one two three\na b: one two three"} {
		path := filepath.Join(t.TempDir(), "exceptions.txt")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readExceptions(path); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
