package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// licence is an SPDX identifier and the text that must go with the library.
type licence struct{ id, text string }

// known holds the licences that a work under the GPL-3.0 may include, each with words that
// identify it. A person must read any other licence first.
var known = []struct {
	id    string
	words []string
}{
	{"GPL-3.0-only", []string{"GNU GENERAL PUBLIC LICENSE", "Version 3, 29 June 2007"}},
	{"MPL-2.0", []string{"Mozilla Public License Version 2.0"}},
	{"BSD-3-Clause", []string{"Redistributions in binary form", "Neither the name"}},
	{"MIT", []string{"Permission is hereby granted, free of charge", `THE SOFTWARE IS PROVIDED "AS IS"`}},
}

// SQLite is in the public domain; its source has a blessing in place of a licence.
var blessing = licence{id: "blessing"}

var errLicence = errors.New("its LICENSE is none that supply/licence.go knows")

// readLicence reads the LICENSE of a module, or of a folder of Go's.
func readLicence(dir string) (licence, error) {
	text, err := os.ReadFile(filepath.Join(dir, "LICENSE"))
	if err != nil {
		return licence{}, err
	}
	return recognise(string(text))
}

func recognise(text string) (licence, error) {
	spaced := strings.Join(strings.Fields(text), " ")
	for _, one := range known {
		all := true
		for _, words := range one.words {
			all = all && strings.Contains(spaced, words)
		}
		if all {
			return licence{one.id, strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))}, nil
		}
	}
	return licence{}, errLicence
}
