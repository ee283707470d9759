// Supply lists the components of a built library from its build information: not what go.mod
// requires, but what the linker included.
//
//	supply licences LIBRARY [FILE]  THIRD_PARTY.md: versions, licences and their texts
//	supply sbom LIBRARY [FILE]      the same for machines, in CycloneDX 1.6
//	supply check LIBRARY FILE       FILE is the THIRD_PARTY.md of LIBRARY
//
// Without FILE it writes to stdout. The same library gives the same bytes.
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

var errUsage = errors.New("usage: supply licences|sbom LIBRARY [FILE], supply check LIBRARY FILE")

func run(args []string) error {
	if len(args) < 2 || len(args) > 3 {
		return errUsage
	}
	command, library := args[0], args[1]
	components, err := linked(library)
	if err != nil {
		return err
	}
	switch command {
	case "licences":
		return write(args[2:], thirdParty(components))
	case "sbom":
		bill, err := sbom(library, components)
		if err != nil {
			return err
		}
		return write(args[2:], bill)
	case "check":
		if len(args) != 3 {
			return errUsage
		}
		return check(args[2], components)
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
