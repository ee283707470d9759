package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"libcallkey/tools/contract/header"
)

// versionNumbers makes tools/version.env, which make, sh and Python read.
func versionNumbers(c *header.Contract) ([]byte, error) {
	return fmt.Appendf(nil, "# %s\nVERSION=%s\nABI_MAJOR=%d\nABI_MINOR=%d\n", origin, c.Version, c.Major, c.Minor), nil
}

// exportMap makes capi/callkey.map, the linker's version script: these names and nothing else,
// those of each release in a version node of its own. A program asks for the nodes of the
// functions that it calls, so a library that lacks one is refused when the program starts.
func exportMap(c *header.Contract) ([]byte, error) {
	names := map[release][]string{}
	for _, f := range c.Functions {
		since, err := sinceRelease(f)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %s: %w", headerPath, f.Line, f.Name, err)
		}
		names[since] = append(names[since], f.Name)
	}
	releases := slices.SortedFunc(maps.Keys(names), func(a, b release) int { return slices.Compare(a[:], b[:]) })
	var b bytes.Buffer
	fmt.Fprintf(&b, "/* %s */\n", origin)
	for i, r := range releases {
		fmt.Fprintf(&b, "%s { global:\n", r.node())
		slices.Sort(names[r])
		for _, name := range names[r] {
			fmt.Fprintf(&b, "%s;\n", name)
		}
		if i == 0 {
			b.WriteString("local: *; };\n")
		} else {
			fmt.Fprintf(&b, "} %s;\n", releases[i-1].node())
		}
	}
	return b.Bytes(), nil
}

type release [3]int

// firstNode is the release with the first version node. Earlier functions are in it too.
var firstNode = release{0, 3, 0}

// sinceRelease returns the release in which the function got its version node.
func sinceRelease(f header.Function) (release, error) {
	if f.Doc.Since == "" {
		return firstNode, nil
	}
	var r release
	for i, part := range strings.Split(f.Doc.Since, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || i >= len(r) {
			return r, fmt.Errorf("%q is not the number of a release", f.Doc.Since)
		}
		r[i] = n
	}
	if slices.Compare(r[:], firstNode[:]) < 0 {
		r = firstNode
	}
	return r, nil
}

// node is CALLKEY_0.3 for 0.3.0, CALLKEY_0.3.1 for 0.3.1.
func (r release) node() string {
	name := fmt.Sprintf("CALLKEY_%d.%d", r[0], r[1])
	if r[2] != 0 {
		name += fmt.Sprintf(".%d", r[2])
	}
	return name
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
