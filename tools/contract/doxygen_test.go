package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"libcallkey/tools/contract/header"
)

var comment = regexp.MustCompile(`(?s)/\*.*?\*/`)

// declared is the header without its comments, its white space and its guard.
func declared(text string) []string {
	return strings.Fields(strings.Replace(comment.ReplaceAllString(text, ""), "#define CALLKEY_H\n", "", 1))
}

// A declaration that the filter dropped would have no place in the documentation.
func TestDoxygenKeepsEveryDeclaration(t *testing.T) {
	content, err := os.ReadFile("../../" + headerPath)
	if err != nil {
		t.Fatal(err)
	}
	c, err := header.Parse(string(content))
	if err != nil {
		t.Fatal(err)
	}
	want, got := declared(string(content)), declared(inDoxygen(string(content), c))
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Error("the declarations differ from the header's")
	}
}

// A status or a parameter that is lost on the way would be missing in a table.
func TestDoxygenHasEveryEntry(t *testing.T) {
	content, err := os.ReadFile("../../" + headerPath)
	if err != nil {
		t.Fatal(err)
	}
	c, err := header.Parse(string(content))
	if err != nil {
		t.Fatal(err)
	}
	text := inDoxygen(string(content), c)
	statuses, parameters := 0, 0
	for _, f := range c.Functions {
		statuses += len(f.Doc.Returns)
		parameters += len(f.Doc.Entries)
	}
	if n := strings.Count(text, `\retval `); n != statuses || n < 500 {
		t.Errorf("%d statuses instead of %d", n, statuses)
	}
	if n := strings.Count(text, `\param`); n != parameters || n < 300 {
		t.Errorf("%d parameters instead of %d", n, parameters)
	}
}
