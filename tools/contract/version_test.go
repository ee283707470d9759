package main

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

// If this failed, a program that needs a function of this release would start with a library
// that lacks it, or the changelog would not tell which library it needs. docs/abi.md has the
// rule; CALLKEY_VERSION does not matter for it.
func TestABIVersionGrows(t *testing.T) {
	c := parse(t)
	content, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	changelog := string(content)
	entries := regexp.MustCompile(`(?m)^## (\d+\.\d+\.\d+)\b`).FindAllStringSubmatchIndex(changelog, -1)
	if len(entries) < 2 {
		t.Fatalf("CHANGELOG.md has %d releases", len(entries))
	}
	compatibility := regexp.MustCompile(`(?m)^\*ABI Compatibility:\* ABI (\d+)\.(\d+), `)
	type abi struct{ major, minor int }
	number := func(digits string) int {
		n, err := strconv.Atoi(digits)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	var newest, newer abi
	for i, at := range entries {
		end := len(changelog)
		if i+1 < len(entries) {
			end = entries[i+1][0]
		}
		release := changelog[at[2]:at[3]]
		said := compatibility.FindAllStringSubmatch(changelog[at[0]:end], -1)
		if len(said) != 1 {
			t.Fatalf("CHANGELOG.md, %s: %d lines say *ABI Compatibility:* ABI MAJOR.MINOR", release, len(said))
		}
		one := abi{number(said[0][1]), number(said[0][2])}
		switch {
		case i == 0:
			newest = one
		case newer.major == one.major+1 && newer.minor == 0: // broken
		case newer.major == one.major && (newer.minor == one.minor || newer.minor == one.minor+1): // added to, or not
		default:
			t.Errorf("after ABI %d.%d of %s comes ABI %d.%d", one.major, one.minor, release, newer.major, newer.minor)
		}
		newer = one
	}
	if release := changelog[entries[0][2]:entries[0][3]]; c.Version != release || newest != (abi{c.Major, c.Minor}) {
		t.Errorf("callkey.h is %s with ABI %d.%d, the newest entry of CHANGELOG.md %s with ABI %d.%d",
			c.Version, c.Major, c.Minor, release, newest.major, newest.minor)
	}
}
