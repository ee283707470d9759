package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"libcallkey/tools/contract/exported"
	"libcallkey/tools/contract/header"
)

const binaryPath = "abi/callkey.abi"

// recordBinary writes the binary interface of a library from its debug information: only the
// types of callkey.h, without paths and lines, so it changes only with the interface.
func recordBinary(library string) error {
	return quiet("abidw", "--headers-dir", filepath.Dir(headerPath), "--drop-private-types", "--drop-undefined-syms",
		"--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--no-elf-needed", "--type-id-style", "hash",
		"--out-file", binaryPath, library)
}

var (
	recordedSoname   = regexp.MustCompile(`<abi-corpus [^>]*soname='([^']*)'`)
	recordedFunction = regexp.MustCompile(`<elf-symbol [^>]*type='func-type'`)
)

// checkABI compares a library with debug information with the recorded binary interface.
// Additions are allowed; make abi records them, and from then on they are promised too.
func checkABI(c *header.Contract, args []string) error {
	library, err := one(args, "abi LIBRARY")
	if err != nil {
		return err
	}
	content, err := os.ReadFile(binaryPath)
	if err != nil {
		return err
	}
	old := recordedSoname.FindSubmatch(content)
	if old == nil {
		return fmt.Errorf("%s has no soname", binaryPath)
	}
	now, err := soname(library)
	if err != nil {
		return err
	}
	if now != string(old[1]) {
		return fmt.Errorf("%s is %s and not the recorded %s: record it with make abi", library, now, old[1])
	}
	growth, err := growing(c)
	if err != nil {
		return err
	}
	defer os.Remove(growth)
	if out, err := exec.Command("abidiff", "--suppressions", growth, "--no-added-syms", binaryPath, library).CombinedOutput(); err != nil {
		os.Stderr.Write(out)
		return fmt.Errorf("abidiff: %w\n%s breaks programs that run with %s: undo it, or raise CALLKEY_ABI_MAJOR and run make abi", err, library, now)
	}
	names, err := exported.Names(library)
	if err != nil {
		return err
	}
	functions := len(recordedFunction.FindAll(content, -1))
	if !bytes.Contains(content, []byte("</abi-corpus>")) || functions == 0 {
		return fmt.Errorf("%s is cut off", binaryPath)
	}
	fmt.Printf("abi: %d functions and their types as recorded for %s%s\n", functions, now, since(len(names)-functions))
	return nil
}

// growing writes a file that tells abidiff which structs may grow at their end.
func growing(c *header.Contract) (path string, err error) {
	var names []string
	for _, s := range c.Structs {
		if s.Grows() {
			names = append(names, s.Name)
		}
	}
	f, err := os.CreateTemp("", "*.abignore")
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(f, "[suppress_type]\n  name_regexp = ^(%s)$\n  type_kind = struct\n  has_data_member_inserted_at = end\n",
		strings.Join(names, "|"))
	return f.Name(), errors.Join(err, f.Close())
}
