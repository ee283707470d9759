package main

import (
	"errors"
	"fmt"
	"strings"
)

// hunk is one change of a unified diff: in file, the lines before become the lines after.
type hunk struct {
	file, before, after string
}

// parse reads a unified diff. What stands in front of the first file is prose.
func parse(patch string) ([]hunk, error) {
	var hunks []hunk
	var file string
	var h *hunk
	for i, line := range strings.SplitAfter(patch, "\n") {
		switch {
		case strings.HasPrefix(line, "--- a/"):
			h = nil
		case strings.HasPrefix(line, "+++ b/"):
			file = strings.TrimSpace(strings.TrimPrefix(line, "+++ b/"))
		case strings.HasPrefix(line, "@@ ") && file != "":
			hunks = append(hunks, hunk{file: file})
			h = &hunks[len(hunks)-1]
		case h == nil || line == "":
		case line[0] == ' ':
			h.before += line[1:]
			h.after += line[1:]
		case line[0] == '-':
			h.before += line[1:]
		case line[0] == '+':
			h.after += line[1:]
		default:
			return nil, fmt.Errorf("line %d is none of a unified diff", i+1)
		}
	}
	if len(hunks) == 0 {
		return nil, errors.New("it changes nothing")
	}
	return hunks, nil
}

// apply makes the change where its lines are, which must be one place.
func (h hunk) apply(text string) (string, error) {
	if n := strings.Count("\n"+text, "\n"+h.before); n != 1 {
		return "", fmt.Errorf("%s has %d places with these lines, not 1:\n%s", h.file, n, h.before)
	}
	changed := strings.Replace("\n"+text, "\n"+h.before, "\n"+h.after, 1)
	return changed[1:], nil
}
