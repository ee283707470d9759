package main

import (
	"bytes"
	"fmt"
	"go/format"
	"strings"

	"libcallkey/tools/contract/header"
)

// codes makes core/status/codes.go: the statuses with their names and texts.
func codes(c *header.Contract) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// %s\n\npackage status\n\nconst (\n", origin)
	for _, s := range c.Statuses {
		fmt.Fprintf(&b, "\t%s Code = %d // %s\n", goName(s), s.Value, s.Comment)
	}
	b.WriteString(`)

// table has the name and the text of each code: row i is that of code -i.
var table = [...]row{
`)
	for _, s := range c.Statuses {
		fmt.Fprintf(&b, "\t{%q, %q},\n", s.Name, s.Comment)
	}
	fmt.Fprintf(&b, "}\n\n// unknown is the row of a number that is not a code.\nvar unknown = row{%q, %q}\n", unknownName, unknownText)
	return format.Source(b.Bytes())
}

// goName returns a status's name in Go: KeyLength for CALLKEY_ERR_KEY_LENGTH.
func goName(status header.Number) string {
	name := strings.TrimPrefix(strings.TrimPrefix(status.Name, "CALLKEY_"), "ERR_")
	if name == "OK" {
		return name
	}
	var b strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		b.WriteString(word[:1] + strings.ToLower(word[1:]))
	}
	return b.String()
}
