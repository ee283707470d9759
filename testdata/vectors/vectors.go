// Package vectors reads this directory's known answers for the Go tests.
package vectors

import (
	"embed"
	"encoding/hex"
	"encoding/json"
	"path"
	"strings"
	"testing"
)

//go:embed *.json
var files embed.FS

// Case is one known answer or error case; the schema is in README.md.
type Case struct {
	Name   string `json:"name"`
	Source string `json:"source"`
	In     Values `json:"in"`
	Out    Values `json:"out"`
	Error  string `json:"error"` // the status's name, or "" when Out is to come out
}

// Values are the inputs or outputs of a case by name.
type Values map[string]json.RawMessage

// Each runs test as a subtest for every case of function.
func Each(t *testing.T, function string, test func(t *testing.T, c Case)) {
	for _, c := range Load(t, function) {
		t.Run(c.Name, func(t *testing.T) { test(t, c) })
	}
}

// Load returns the cases of every file about function; none at all fails the test.
func Load(t testing.TB, function string) []Case {
	t.Helper()
	names, err := files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var cases []Case
	for _, name := range names {
		content, err := files.ReadFile(path.Join(".", name.Name()))
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Function string `json:"function"`
			Cases    []Case `json:"cases"`
		}
		if err := json.Unmarshal(content, &file); err != nil {
			t.Fatalf("%s: %v", name.Name(), err)
		}
		if file.Function == function {
			cases = append(cases, file.Cases...)
		}
	}
	if len(cases) == 0 {
		t.Fatalf("no vectors for %s", function)
	}
	for _, c := range cases {
		if (c.Error == "") == (c.Out == nil) {
			t.Fatalf("%s: %q needs one of out and error", function, c.Name)
		}
	}
	return cases
}

// Has tells whether there is a value of that name.
func (v Values) Has(name string) bool { return v[name] != nil }

// Hex is the binary value that stands under name_hex.
func (v Values) Hex(t testing.TB, name string) []byte {
	t.Helper()
	var text string
	v.decode(t, name+"_hex", &text)
	if text != strings.ToLower(text) {
		t.Fatalf("%s_hex is not in lower case", name)
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatalf("%s_hex: %v", name, err)
	}
	return b
}

// Text is the text under name, or under name_hex.
func (v Values) Text(t testing.TB, name string) string {
	t.Helper()
	if v.Has(name + "_hex") {
		return string(v.Hex(t, name))
	}
	var text string
	v.decode(t, name, &text)
	return text
}

// Texts is a list of strings.
func (v Values) Texts(t testing.TB, name string) []string {
	t.Helper()
	var texts []string
	v.decode(t, name, &texts)
	return texts
}

// Number is a number.
func (v Values) Number(t testing.TB, name string) uint32 {
	t.Helper()
	var n uint32
	v.decode(t, name, &n)
	return n
}

// Numbers is a list of numbers.
func (v Values) Numbers(t testing.TB, name string) []uint32 {
	t.Helper()
	var n []uint32
	v.decode(t, name, &n)
	return n
}

func (v Values) decode(t testing.TB, name string, into any) {
	t.Helper()
	if !v.Has(name) {
		t.Fatalf("the vector has no %s", name)
	}
	if err := json.Unmarshal(v[name], into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}
