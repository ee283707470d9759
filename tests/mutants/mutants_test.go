package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// If this failed, `make mutants` would report a change as noticed that is not, or the other
// way round.
func TestToy(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: builds a package seven times")
	}
	t.Chdir("../..")
	list := filepath.Join(t.TempDir(), "equivalent.txt")
	text := "tests/mutants/testdata/toy/toy.go: Sum.Close: s.total = 0 -> nothing\n\tnobody looks at a closed sum\n"
	if err := os.WriteFile(list, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	o := options{seed: 1, least: 95, match: "(comparison|lock|wipe|drop): |most: limit", users: "./tests/mutants/testdata/toy", equivalent: list}
	err := o.run(&out, []string{"./tests/mutants/testdata/toy"})
	if err == nil || !strings.Contains(err.Error(), "is under 95 %") {
		t.Errorf("the error is %v", err)
	}
	for _, want := range []string{
		`(?m)^tests/mutants/testdata/toy/toy.go:23: Sum.Add: comparison: if n > most \{ -> if n >= most \{ \(noticed by TestAdd of `,
		`(?m)^.*: most: limit: const most = 40 -> const most = 41 \(noticed by`,
		`(?m)^.*: most: limit: const most = 40 -> const most = 39 \(noticed by`,
		`(?m)^.*: Sum.Add: lock: s.mu.Lock\(\) -> nothing, nor its unlocking \(noticed by`,
		`(?m)^.*: Sum.Add: drop: s.total \+= n -> nothing \(noticed by`,
		`(?m)^NOT NOTICED .*toy.go:34: Sum.Close: wipe: clear\(s.key\[:\]\) -> nothing$`,
		`(?m)^5 of 6 changes were noticed: 83.3 % \(0 more did not compile; 1 that nobody can observe were not tried\)$`,
	} {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("it does not say %s:\n%s", want, out.String())
		}
	}
}

// Every change must parse and have a unique name, or an entry of the equivalents would hide
// another change.
func TestChangesOfTheSources(t *testing.T) {
	files, err := filepath.Glob("../../core/*/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	kinds := map[string]int{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all, err := mutationsOf(path, source)
		if err != nil {
			t.Fatal(err)
		}
		keys := map[string]bool{}
		for i, m := range all {
			changed := m.apply(source)
			if !testing.Short() || i%10 == 0 {
				if _, err := parser.ParseFile(token.NewFileSet(), path, changed, parser.SkipObjectResolution); err != nil {
					t.Errorf("%s: %v", m, err)
				}
			}
			if string(changed) == string(source) {
				t.Errorf("%s changes nothing", m)
			}
			if keys[m.key()] {
				t.Errorf("%s is there twice", m)
			}
			keys[m.key()] = true
			kinds[m.kind]++
		}
	}
	for _, kind := range []string{comparison, condition, limit, arithmetic, wipe, locking, order, dropped, statusCode} {
		if kinds[kind] == 0 {
			t.Errorf("there is no change of the kind %s", kind)
		}
	}
}

// A sample is the same in every run, contains every kind, and does not change when lines are
// added elsewhere.
func TestSample(t *testing.T) {
	source := []byte("package p\n\nfunc f(a []byte, n int) bool {\n\tclear(a)\n\tn++\n\treturn n < 3 && n > 1\n}\n")
	all, err := mutationsOf("p.go", source)
	if err != nil {
		t.Fatal(err)
	}
	names := func(all []mutation) (names []string) {
		for _, m := range inOrder(all, 1) {
			names = append(names, m.kind+" "+m.key())
		}
		return names
	}
	kinds := map[string]bool{}
	for _, m := range all {
		kinds[m.kind] = true
	}
	first := map[string]bool{}
	for _, m := range inOrder(all, 1)[:len(kinds)] {
		first[m.kind] = true
	}
	if len(first) != len(kinds) {
		t.Errorf("the first %d changes are of the kinds %v only", len(kinds), first)
	}
	moved, err := mutationsOf("p.go", []byte(strings.Replace(string(source), "func", "// A comment.\n\nfunc", 1)))
	if err != nil || !slices.Equal(names(all), names(moved)) {
		t.Errorf("with two lines more it is\n%q, not\n%q", names(moved), names(all))
	}
	for sample, want := range map[int][]int{7: {3, 2, 2}, 10: {4, 4, 2}, 30: {5, 9, 2}} {
		if got := shares(sample, []int{5, 9, 2}); !slices.Equal(got, want) {
			t.Errorf("of a sample of %d the rooms have %v, want %v", sample, got, want)
		}
	}
}

func TestEquivalents(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	for text, want := range map[string]string{
		"# none\n":                            "",
		"a.go: f: x -> y\n\twhy\n\tthat is\n": "",
		"a.go: f: x -> y\n":                   "has no reason",
		"\twhy\n":                             "a reason for nothing",
		"a: b: c\n\twhy\na: b: c\n\twhy\n":    "stands here before",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		known, err := readEquivalents(path)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
		if strings.HasPrefix(text, "a.go") && want == "" && known["a.go: f: x -> y"] != "why that is" {
			t.Errorf("%q: the reason is %q", text, known["a.go: f: x -> y"])
		}
	}
	known := equivalents{"a.go: f: x -> y": "why", "b.go: f: x -> y": "why"}
	if got := known.stale(nil, map[string]bool{"a.go": true}); !slices.Equal(got, []string{"a.go: f: x -> y"}) {
		t.Errorf("stale are %q", got)
	}
}
