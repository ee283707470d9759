// Supply lists the components of a built library from its build information: not what go.mod
// requires, but what the linker included.
//
//	supply licences LIBRARY WITHOUT [FILE]  THIRD_PARTY.md: versions, licences and their texts
//	supply sbom LIBRARY [FILE]              the same for machines, in CycloneDX 1.6
//	supply check LIBRARY WITHOUT FILE       FILE is the THIRD_PARTY.md of these two
//
// WITHOUT is the library that was built WITHOUT_LIBSIGNAL=1. Without FILE it writes to stdout. The
// same library gives the same bytes.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: supply licences LIBRARY WITHOUT [FILE], supply sbom LIBRARY [FILE], supply check LIBRARY WITHOUT FILE")

func run(args []string) error {
	if len(args) < 2 {
		return errUsage
	}
	command, library, more := args[0], args[1], args[2:]
	switch {
	case command == "licences" && (len(more) == 1 || len(more) == 2):
		components, err := ofBoth(library, more[0])
		if err != nil {
			return err
		}
		return write(more[1:], thirdParty(components))
	case command == "sbom" && len(more) <= 1:
		made, components, err := linked(library)
		if err != nil {
			return err
		}
		bill, err := sbom(library, made, components)
		if err != nil {
			return err
		}
		return write(more, bill)
	case command == "check" && len(more) == 2:
		components, err := ofBoth(library, more[0])
		if err != nil {
			return err
		}
		return check(more[1], components)
	}
	return errUsage
}

func write(file []string, content []byte) error {
	if len(file) == 0 {
		_, err := os.Stdout.Write(content)
		return err
	}
	return os.WriteFile(file[0], content, 0o644)
}

func check(file string, components []component) error {
	have, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, thirdParty(components)) {
		return fmt.Errorf("%s is not what the library is made of: `make licences` writes it", file)
	}
	fmt.Printf("licences: %d components, each of a licence that the GPL-3.0 takes in, as %s says\n", len(components), file)
	return nil
}
