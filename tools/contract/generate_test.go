package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"libcallkey/tools/contract/header"
)

func readHeader(t *testing.T) *header.Contract {
	t.Helper()
	c, err := header.Read("../../" + headerPath)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// If this failed, a developer could edit a generated file and lose the edit.
func TestEachFileSaysWhatMakesIt(t *testing.T) {
	c := readHeader(t)
	for _, f := range files {
		text, err := f.text(c)
		first, _, _ := strings.Cut(string(text), "\n")
		if err != nil || !strings.Contains(first, origin) {
			t.Errorf("%s begins with %q, %v", f.path, first, err)
		}
	}
}

// If this failed, a file that no generator makes any more would still say that it is generated,
// and never change again.
func TestEachGeneratedFileIsMade(t *testing.T) {
	said, made := generatedFiles(t, "../.."), map[string]bool{}
	for _, f := range files {
		made[f.path] = true
		if !said[f.path] {
			t.Errorf("%s does not say that it is generated", f.path)
		}
	}
	for path := range said {
		if !made[path] {
			t.Errorf("%s says that it is generated, and nothing makes it", path)
		}
	}
}

// generatedFiles are those below root that have origin in their first line.
func generatedFiles(t *testing.T, root string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains([]string{".git", "build", "node_modules", ".build", ".venv"}, entry.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(path)
		first, _, _ := bytes.Cut(content, []byte("\n"))
		if bytes.Contains(first, []byte(origin)) {
			name, err := filepath.Rel(root, path)
			found[filepath.ToSlash(name)] = true
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// If this failed, a binding could keep an old version of the header's declarations.
func TestStale(t *testing.T) {
	c := readHeader(t)
	t.Chdir(t.TempDir())
	for _, f := range files {
		if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if wrong := stale(c); len(wrong) != len(files) {
		t.Errorf("without any file: %v", wrong)
	}
	if err := generate(c, nil); err != nil {
		t.Fatal(err)
	}
	if wrong := stale(c); wrong != nil {
		t.Fatalf("just made: %v", wrong)
	}
	for _, f := range files {
		text, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		for line, broken := range map[int]string{
			1:                                     "x" + string(text),
			strings.Count(string(text), "\n"):     strings.TrimSuffix(string(text), "\n"),
			1 + strings.Count(string(text), "\n"): string(text) + "x",
		} {
			if err := os.WriteFile(f.path, []byte(broken), 0o600); err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf("%s:%d is not what include/callkey.h says: run make generate", f.path, line)
			if wrong := stale(c); len(wrong) != 1 || wrong[0].Error() != want {
				t.Errorf("%v, not %q", wrong, want)
			}
		}
		if err := generate(c, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// If this failed, a Python call would pass an argument of the wrong type, and read or write
// memory outside it.
func TestPythonTypes(t *testing.T) {
	c := &header.Contract{
		Handles: []string{"callkey_store"},
		Structs: []header.Struct{{Name: "callkey_srtp_keys"}},
	}
	for want, param := range map[string]header.Param{
		"_store":                           {Type: "callkey_store"},
		"POINTER(_store)":                  {Type: "callkey_store", Stars: 1},
		"_status":                          {Type: "callkey_status"},
		"POINTER(_status)":                 {Type: "callkey_status", Stars: 1},
		"_bytes":                           {Type: "uint8_t", Stars: 1, Array: "CALLKEY_KEY_BYTES"},
		"POINTER(_bytes)":                  {Type: "uint8_t", Stars: 2, Const: true},
		"_len":                             {Type: "size_t"},
		"_len_out":                         {Type: "size_t", Stars: 1},
		"c_uint32":                         {Type: "uint32_t"},
		"c_uint64":                         {Type: "uint64_t"},
		"POINTER(c_uint32)":                {Type: "uint32_t", Stars: 1},
		"_text":                            {Type: "char", Stars: 1, Const: true},
		"_text_out":                        {Type: "char", Stars: 1},
		"_texts":                           {Type: "char", Stars: 2, Const: true},
		"c_void_p":                         {Type: "void", Stars: 1},
		"POINTER(SRTPKeysStruct)":          {Type: "callkey_srtp_keys", Stars: 1},
		"POINTER(POINTER(SRTPKeysStruct))": {Type: "callkey_srtp_keys", Stars: 2, Const: true},
	} {
		p := pythonWriter{contract: c, used: map[string]bool{}}
		if got, err := p.parameter(param); err != nil || got != want {
			t.Errorf("%s is %s in Python, not %s; %v", param.C(), got, want, err)
		}
	}
	p := pythonWriter{contract: c, used: map[string]bool{}}
	if got, err := p.parameter(header.Param{Type: "double"}); err == nil {
		t.Errorf("a double is %s", got)
	}
}

// If this failed, a status without a text would reach the user as an empty line.
func TestStatusWithoutText(t *testing.T) {
	c := readHeader(t)
	c.Statuses[3].Comment = ""
	if _, err := constants(c); err == nil || !strings.Contains(err.Error(), c.Statuses[3].Name+" has no comment") {
		t.Errorf("%v", err)
	}
}
