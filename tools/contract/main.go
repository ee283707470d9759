// Contract makes everything that repeats include/callkey.h, and tells when a file is behind it.
//
//	go run ./tools/contract generate    write the generated files
//	go run ./tools/contract check       name each generated file that is not current, and each row that a
//	                                    declaration must have elsewhere and does not have
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
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 || commands[args[0]] == nil {
		return fmt.Errorf("usage: go run ./tools/contract generate|check")
	}
	c, err := header.Read(headerPath)
	if err != nil {
		return err
	}
	return commands[args[0]](c, args[1:])
}
