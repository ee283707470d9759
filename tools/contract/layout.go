package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"libcallkey/tools/contract/header"
)

// checkLayout checks that the installed compilers lay out structs as the header says: the C
// compilers with tests/c/layout.h, and cgo.
func checkLayout(c *header.Contract, _ []string) error {
	folder, err := os.MkdirTemp("", "layout")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	unit, empty := filepath.Join(folder, "layout.c"), filepath.Join(folder, "empty.c")
	err = errors.Join(
		os.WriteFile(unit, []byte("#include \"layout.h\"\nint main(void) { return 0; }\n"), 0o600),
		os.WriteFile(empty, []byte("int main(void) { return 0; }\n"), 0o600),
	)
	if err != nil {
		return err
	}
	// The layout of a struct needs no C library, so a compiler is enough for the other width.
	var held []string
	for _, compiler := range []string{"gcc", "clang"} {
		for _, bits := range []string{"64", "32"} {
			if exec.Command(compiler, "-m"+bits, "-fsyntax-only", empty).Run() != nil {
				continue
			}
			err := quiet(compiler, "-m"+bits, "-std=c89", "-pedantic", "-Wall", "-Wextra", "-Werror", "-Wno-long-long",
				"-ffreestanding", "-Iinclude", "-Itests/c", "-fsyntax-only", unit)
			if err != nil {
				return err
			}
			held = append(held, compiler+" "+bits+" bit")
		}
	}
	if len(held) == 0 {
		return fmt.Errorf("there is no C compiler: neither gcc nor clang")
	}
	if err := quiet("go", "test", "./tools/contract/structs"); err != nil {
		return err
	}
	rows := 0
	for _, s := range c.Structs {
		rows += 1 + len(s.Members)
	}
	fmt.Printf("layout: %d sizes and offsets hold in Go, %s\n", rows, strings.Join(held, ", "))
	return nil
}

// quiet runs a program and shows its output only if it fails. GO selects the go command.
func quiet(command string, args ...string) error {
	if other := os.Getenv("GO"); command == "go" && other != "" {
		command = other
	}
	out, err := exec.Command(command, args...).CombinedOutput()
	if err != nil {
		os.Stderr.Write(out)
		return fmt.Errorf("%s %s: %w", command, strings.Join(args, " "), err)
	}
	return nil
}
