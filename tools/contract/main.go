// Contract generates everything that repeats include/callkey.h, and reports files that are not
// current.
//
//	go run ./tools/contract generate    write the generated files
//	go run ./tools/contract check       name each generated file that is not current, each missing row of a
//	                                    declaration in another file, and each change of the recorded interface
//	go run ./tools/contract exports LIBRARY
//	                                    check that a .so, .dylib, .dll or .a exports exactly the header's functions
//	go run ./tools/contract jni LIBRARY
//	                                    check that the library of a desktop's JVM exports exactly Native.kt's functions
//	go run ./tools/contract layout      check that the C compilers and cgo lay out the structs as the header says
//	go run ./tools/contract abi LIBRARY
//	                                    check that a library with debug information has the recorded binary
//	                                    interface
//	go run ./tools/contract record LIBRARY
//	                                    record the interface in abi/
//	go run ./tools/contract doxygen     print the header with its comments in Doxygen's form
//
// Start it in the project's folder.
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
	"jni":      checkJava,
	"layout":   checkLayout,
	"abi":      checkABI,
	"record":   record,
	"doxygen":  doxygen,
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 || commands[args[0]] == nil {
		return fmt.Errorf("usage: go run ./tools/contract generate|check|exports|jni|layout|abi|record|doxygen")
	}
	c, err := header.Read(headerPath)
	if err != nil {
		return err
	}
	return commands[args[0]](c, args[1:])
}
