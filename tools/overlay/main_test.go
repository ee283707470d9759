package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const ours = "../../capi/runtime"

func patchesOf(t *testing.T, folder string) []string {
	t.Helper()
	patches, err := filepath.Glob(filepath.Join(folder, "*.patch"))
	if err != nil || len(patches) == 0 {
		t.Fatalf("no patches in %s", folder)
	}
	return patches
}

// goEnv is a value of the go command that runs the test.
func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command(goCommand(), "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// If this failed, a build with a Go that go.mod allows would stop, or lack a change.
func TestPatchesApplyToEveryGoAtHand(t *testing.T) {
	roots := []string{goEnv(t, "GOROOT")}
	fetched, err := filepath.Glob(filepath.Join(goEnv(t, "GOMODCACHE"), "golang.org", "toolchain@v0.0.1-go1.26.*"))
	if err != nil {
		t.Fatal(err)
	}
	roots = append(roots, fetched...)
	for _, root := range roots {
		folder := t.TempDir()
		replace, err := patched(filepath.Join(root, "src"), folder, patchesOf(t, ours))
		if err != nil {
			t.Errorf("%s: %v", version(root), err)
			continue
		}
		for file, with := range replace {
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			after, err := os.ReadFile(with)
			if err != nil {
				t.Fatal(err)
			}
			if string(before) == string(after) {
				t.Errorf("%s: the patches leave %s as it is", version(root), file)
			}
		}
	}
}

// A reviewer must find the reason for each change of Go, and its test.
func TestEachPatchNamesItsReasonItsIssueAndItsTest(t *testing.T) {
	for _, patch := range patchesOf(t, ours) {
		content, err := os.ReadFile(patch)
		if err != nil {
			t.Fatal(err)
		}
		prose, _, _ := strings.Cut(string(content), "\n--- a/")
		reason, rest, ok := strings.Cut(prose, "\nUpstream: ")
		if !ok || len(strings.Fields(reason)) < 20 {
			t.Errorf("%s: no reason, or no line with Upstream:", patch)
			continue
		}
		_, tests, ok := strings.Cut(rest, "\nTest: ")
		if !ok {
			t.Errorf("%s: no line with Test:", patch)
		}
		for _, test := range strings.FieldsFunc(tests, func(r rune) bool { return strings.ContainsRune(", \n", r) }) {
			if _, err := os.Stat(filepath.Join("../..", test)); err != nil {
				t.Errorf("%s: %v", patch, err)
			}
		}
	}
}

// tree makes a Go installation out of one file.
func tree(t *testing.T, text string) string {
	t.Helper()
	root := t.TempDir()
	write(t, filepath.Join(root, "VERSION"), "go1.99.1\ntime 2030-01-01\n")
	write(t, filepath.Join(root, "src", "runtime", "one.go"), text)
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

const patch = `Why.

--- a/runtime/one.go
+++ b/runtime/one.go
@@ -1,3 +1,3 @@
 func one() int {
-	return 1
+	return 2
 }
`

// project is a folder with a patch in the place where run looks for them.
func project(t *testing.T, patch string) {
	t.Helper()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "capi", "runtime", "number.patch"), patch)
	t.Chdir(folder)
}

// Go's next release moves lines: a patch must find its place, or the build must stop and say
// which patch, which file and which Go.
func TestWrongTrees(t *testing.T) {
	for name, row := range map[string]struct{ text, says string }{
		"other lines":    {"func one() int {\n\treturn 3\n}\n", "runtime/one.go has 0 places"},
		"twice":          {strings.Repeat("func one() int {\n\treturn 1\n}\n", 2), "runtime/one.go has 2 places"},
		"part of a line": {"// func one() int {\n\treturn 1\n}\n", "runtime/one.go has 0 places"},
	} {
		t.Run(name, func(t *testing.T) {
			project(t, patch)
			refused(t, run(tree(t, row.text), []string{t.TempDir()}), row.says)
		})
	}
	t.Run("no such file", func(t *testing.T) {
		project(t, strings.ReplaceAll(patch, "one.go", "two.go"))
		refused(t, run(tree(t, "package runtime\n"), []string{t.TempDir()}), "two.go")
	})
}

func refused(t *testing.T, err error, file string) {
	t.Helper()
	if err == nil {
		t.Fatal("it was applied")
	}
	for _, part := range []string{"number.patch", file, "go1.99.1", "go.mod"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %s", err, part)
		}
	}
}

// A damaged patch must not silently change nothing.
func TestDamagedPatches(t *testing.T) {
	good := "func one() int {\n\treturn 1\n}\n"
	for name, damaged := range map[string]string{
		"prose only":      "Why.\n",
		"no hunk":         "--- a/runtime/one.go\n+++ b/runtime/one.go\n",
		"a line of prose": strings.Replace(patch, "-\treturn 1", "and then\n-\treturn 1", 1),
	} {
		project(t, damaged)
		err := run(tree(t, good), []string{t.TempDir()})
		if err == nil || !strings.Contains(err.Error(), "number.patch") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAppliesAtAnotherLine(t *testing.T) {
	project(t, patch)
	root, folder := tree(t, "package runtime\n\nfunc one() int {\n\treturn 1\n}\n"), t.TempDir()
	if err := run(root, []string{folder}); err != nil {
		t.Fatal(err)
	}
	changed, err := os.ReadFile(filepath.Join(folder, "runtime-one.go"))
	if err != nil || string(changed) != "package runtime\n\nfunc one() int {\n\treturn 2\n}\n" {
		t.Errorf("%q, %v", changed, err)
	}
}
