// Contract makes everything that repeats include/callkey.h, and tells when a file is behind it.
//
//	go run ./tools/contract generate    write the generated files
//	go run ./tools/contract check       name each generated file that is not current, each row that a
//	                                    declaration must have elsewhere and does not have, and what changed of
//	                                    the recorded interface
//	go run ./tools/contract exports LIBRARY
//	                                    a .so, .dll or .a exports the header's functions and nothing else
//	go run ./tools/contract layout      the C compilers here and cgo lay the structs out as the header says
//	go run ./tools/contract abi LIBRARY
//	                                    a library with debug information has the recorded binary interface
//	go run ./tools/contract record LIBRARY
//	                                    record the interface in abi/
//
// It is started in the project's folder.
package main

import (
	"fmt"
	"os"

	"libcallkey/tools/contract/header"
)

const headerPath = "include/callkey.h"

var commands = map[string]func(c *header.Contract, args []string) error{
	"generate": generate,
	"check":    check,
	"exports":  checkExports,
	"layout":   checkLayout,
	"abi":      checkABI,
	"record":   record,
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 || commands[args[0]] == nil {
		return fmt.Errorf("usage: go run ./tools/contract generate|check|exports|layout|abi|record")
	}
	c, err := header.Read(headerPath)
	if err != nil {
		return err
	}
	return commands[args[0]](c, args[1:])
}
