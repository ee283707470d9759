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

// parse reads a unified diff. Text before the first file is prose.
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

// apply makes the change at its lines, which must be in exactly one place.
func (h hunk) apply(text string) (string, error) {
	text = "\n" + text
	before := "\n" + h.before
	places, place := 0, 0
	for from := 0; ; from = place + 1 {
		at := strings.Index(text[from:], before)
		if at < 0 {
			break
		}
		places++
		place = from + at
	}
	if places != 1 {
		return "", fmt.Errorf("%s has %d places with these lines, not 1:\n%s", h.file, places, h.before)
	}
	return text[1:place+1] + h.after + text[place+len(before):], nil
}
