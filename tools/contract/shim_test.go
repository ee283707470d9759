package main

import (
	"fmt"
	"strings"
	"testing"

	"libcallkey/tools/contract/header"
)

// A struct with a secret that the library fills is a copy on the caller's stack first. Later calls
// may overwrite it, or not: then the private key of an account is left behind.
func TestCopiesOfSecretsAreWiped(t *testing.T) {
	c := readHeader(t)
	made, err := shim(c)
	if err != nil {
		t.Fatal(err)
	}
	secrets := 0
	for _, f := range c.Functions {
		_, body, _ := strings.Cut(string(made), " "+f.Name+"(")
		body, _, _ = strings.Cut(body, "\n}\n")
		for _, p := range f.Params {
			if p.Role != header.GrowOut || !p.Secret() {
				continue
			}
			secrets++
			_, after, given := strings.Cut(body, fmt.Sprintf("GIVE(status == CALLKEY_OK, %s, ", p.Name))
			if !given || !strings.Contains(after, fmt.Sprintf("\tcallkey_wipe(&%s_copy, sizeof %[1]s_copy);\n", p.Name)) {
				t.Errorf("%s: the copy of %s is not wiped", f.Name, p.Name)
			}
		}
	}
	if secrets == 0 {
		t.Error("no function fills a struct with a secret")
	}
}
