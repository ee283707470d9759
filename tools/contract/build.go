package main

import (
	"bytes"
	"fmt"
	"slices"

	"libcallkey/tools/contract/header"
)

// versionNumbers makes tools/version.env, which make, sh and Python read.
func versionNumbers(c *header.Contract) ([]byte, error) {
	return fmt.Appendf(nil, "# %s\nVERSION=%s\nABI_MAJOR=%d\nABI_MINOR=%d\n", origin, c.Version, c.Major, c.Minor), nil
}

// exportMap makes capi/callkey.map, the linker's version script: these names and nothing else.
func exportMap(c *header.Contract) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "/* %s */\n{ global:\n", origin)
	for _, name := range functionNames(c) {
		fmt.Fprintf(&b, "%s;\n", name)
	}
	b.WriteString("local: *; };\n")
	return b.Bytes(), nil
}

// exportNames makes capi/callkey.names, the same list for the tools that read no version script.
func exportNames(c *header.Contract) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n", origin)
	for _, name := range functionNames(c) {
		fmt.Fprintln(&b, name)
	}
	return b.Bytes(), nil
}

// functionNames are the functions, sorted.
func functionNames(c *header.Contract) []string {
	var names []string
	for _, f := range c.Functions {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return names
}
