package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/binary"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
)

// buildInfo reads what Go's linker wrote into a library. debug/buildinfo knows linked files; in a
// static archive the same bytes are found by their magic.
func buildInfo(library string) (*debug.BuildInfo, error) {
	if !strings.HasSuffix(library, ".a") {
		return buildinfo.ReadFile(library)
	}
	content, err := os.ReadFile(library)
	if err != nil {
		return nil, err
	}
	info, err := inArchive(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", library, err)
	}
	return info, nil
}

// The blob begins with its magic, the size of a pointer and flags. Behind them are two texts, each
// with its length before it: Go's version, and the modules between two marks of 16 bytes.
const (
	magic     = "\xff Go buildinf:"
	headBytes = 32
	markBytes = 16
	inline    = 2 // the flag that the texts are here and not pointed to, as since Go 1.18
)

func inArchive(content []byte) (*debug.BuildInfo, error) {
	at := bytes.Index(content, []byte(magic))
	if at < 0 || len(content) < at+headBytes || content[at+len(magic)+1]&inline == 0 {
		return nil, fmt.Errorf("has no build information of Go")
	}
	version, rest, ok := text(content[at+headBytes:])
	modules, _, also := text(rest)
	if !ok || !also || len(modules) < 2*markBytes {
		return nil, fmt.Errorf("its build information ends early")
	}
	info, err := debug.ParseBuildInfo(modules[markBytes : len(modules)-markBytes])
	if err != nil {
		return nil, err
	}
	info.GoVersion = version
	return info, nil
}

// text returns the text that starts here, and what is behind it.
func text(from []byte) (string, []byte, bool) {
	n, size := binary.Uvarint(from)
	if size <= 0 || n > uint64(len(from)-size) {
		return "", nil, false
	}
	end := size + int(n)
	return string(from[size:end]), from[end:], true
}
