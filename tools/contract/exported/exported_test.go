package exported

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const sourceText = `
int shown(void) { return 0; }
int also(void) { return 1; }
__attribute__((unused)) static int inner(void) { return 2; }
`

// compile runs a compiler, or skips the test without one.
func compile(t *testing.T, command string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath(command); err != nil && os.Getenv("CI") != "true" {
		t.Skipf("needs %s", command)
	}
	if out, err := exec.Command(command, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", command, strings.Join(args, " "), err, out)
	}
}

// If this failed, a library could export names that the header does not declare, unnoticed.
func TestNames(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	if err := os.WriteFile(at("source.c"), []byte(sourceText), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, made := range []struct {
		library string
		with    [][]string
	}{
		{"lib.so", [][]string{{"gcc", "-shared", "-fPIC", "-o", at("lib.so"), at("source.c")}}},
		{"arm.so.0", [][]string{{"aarch64-linux-gnu-gcc", "-shared", "-fPIC", "-nostdlib", "-o", at("arm.so.0"), at("source.c")}}},
		{"lib.dll", [][]string{{"x86_64-w64-mingw32-gcc", "-shared", "-nostdlib", "-Wl,--entry=0", "-o", at("lib.dll"), at("source.c")}}},
		{"lib.a", [][]string{
			{"gcc", "-c", "-o", at("source.o"), at("source.c")},
			{"ar", "crD", at("lib.a"), at("source.o")},
		}},
		{"lib.dylib", [][]string{
			{"clang", "-target", "arm64-apple-macos12.0", "-c", "-o", at("mac.o"), at("source.c")},
			{"lld", "-flavor", "darwin", "-dylib", "-arch", "arm64", "-platform_version", "macos", "12.0", "12.0", "-undefined", "dynamic_lookup",
				"-o", at("lib.dylib"), at("mac.o")},
		}},
		{"mac.a", [][]string{{"llvm-ar", "crD", "--format=darwin", at("mac.a"), at("mac.o")}}},
	} {
		t.Run(made.library, func(t *testing.T) {
			for _, command := range made.with {
				compile(t, command[0], command[1:]...)
			}
			names, err := Names(at(made.library))
			if err != nil || !slices.Equal(names, []string{"also", "shown"}) {
				t.Fatalf("%q, %v", names, err)
			}
		})
	}
}

// If this failed, a function without a version node would not be noticed.
func TestVersions(t *testing.T) {
	folder := t.TempDir()
	source, script := filepath.Join(folder, "source.c"), filepath.Join(folder, "map")
	for name, text := range map[string]string{source: sourceText, script: "V_1 { global: shown; local: inner; }; V_2 { global: also; } V_1;"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for flag, want := range map[string]map[string]string{
		"-Wl,--version-script=" + script: {"shown": "V_1", "also": "V_2"},
		"-Wl,-O1":                        {"shown": "", "also": ""},
	} {
		library := filepath.Join(folder, "lib.so")
		compile(t, "gcc", "-shared", "-fPIC", flag, "-o", library, source)
		if got, err := Versions(library); err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", flag, got, err, want)
		}
	}
	if _, err := Versions(source); err == nil {
		t.Error("a text has versions")
	}
}

// If this failed, a truncated library would pass as one without exports.
func TestCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lib.a")
	header := strings.Repeat(" ", sizeField) + "1000      `\n"
	for _, content := range []string{"", "text", archiveMagic + "short", archiveMagic + header + "x", archiveMagic + strings.Replace(header, "1000", "1   ", 1) + "x"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if names, err := Names(path); err == nil {
			t.Errorf("%q has the names %q", content, names)
		}
	}
}
