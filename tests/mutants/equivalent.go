package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// equivalents reads the changes without an observable effect, each with the reason, from a
// file of
//
//	FILE: FUNCTION: CHANGE
//	FILE: FUNCTION: CHANGE
//		Why none of these has an effect.
//
// A line that starts with # is a comment.
type equivalents map[string]string

func readEquivalents(path string) (equivalents, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	known := equivalents{}
	var keys []string // without a reason yet
	reasoned := false
	for lines, n := bufio.NewScanner(f), 1; ; n++ {
		if !lines.Scan() {
			if len(keys) > 0 && !reasoned {
				return nil, fmt.Errorf("%s: %s has no reason", path, keys[0])
			}
			return known, lines.Err()
		}
		line := lines.Text()
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '\t':
			if len(keys) == 0 {
				return nil, fmt.Errorf("%s:%d: a reason for nothing", path, n)
			}
			for _, key := range keys {
				known[key] = strings.TrimSpace(known[key] + " " + strings.TrimSpace(line))
			}
			reasoned = true
		default:
			if reasoned {
				keys, reasoned = nil, false
			}
			if _, twice := known[line]; twice {
				return nil, fmt.Errorf("%s:%d: it stands here before: %s", path, n, line)
			}
			keys, known[line] = append(keys, line), ""
		}
	}
}

// stale returns the entries that match no mutation: the source has changed since.
func (e equivalents) stale(all []mutation, files map[string]bool) (names []string) {
	there := map[string]bool{}
	for _, m := range all {
		there[m.key()] = true
	}
	for key := range e {
		file, _, _ := strings.Cut(key, ": ")
		if files[file] && !there[key] {
			names = append(names, key)
		}
	}
	return names
}
