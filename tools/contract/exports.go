package main

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"libcallkey/tools/contract/exported"
	"libcallkey/tools/contract/header"
)

// checkExports compares the names that a library exports, or an archive makes global, with the
// header's. Android's library, whose name has no number, exports what Java looks for too.
func checkExports(c *header.Contract, args []string) error {
	path, err := one(args, "exports LIBRARY")
	if err != nil {
		return err
	}
	want, kinds := functionNames(c), "those of callkey.h"
	if strings.HasSuffix(path, ".so") {
		java, err := javaNames(c)
		if err != nil {
			return err
		}
		want, kinds = append(want, java...), "those of callkey.h and of Native.kt"
	}
	wrong, err := differences(path, want)
	if err != nil {
		return err
	}
	var nodes []string
	if file := filepath.Base(path); strings.Contains(file, ".so") {
		versions, err := exported.Versions(path)
		if err != nil {
			return err
		}
		for _, f := range c.Functions {
			since, err := sinceRelease(f)
			if err != nil {
				return err
			}
			if node, ok := versions[f.Name]; ok && node != since.node() {
				wrong = append(wrong, fmt.Sprintf("%s has the version node %q, not %s", f.Name, node, since.node()))
			}
			if !slices.Contains(nodes, since.node()) {
				nodes = append(nodes, since.node())
			}
		}
		name, err := soname(path)
		if err != nil {
			return err
		}
		wanted := fmt.Sprintf("libcallkey.so.%d", c.Major)
		if strings.HasSuffix(file, ".so") { // without a number for Android
			wanted = "libcallkey.so"
		}
		if name != wanted {
			wrong = append(wrong, fmt.Sprintf("its soname is %q, not %q", name, wanted))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s is not the library of %s:\n  %s", path, headerPath, strings.Join(wrong, "\n  "))
	}
	fmt.Printf("symbols: %d functions, exactly %s", len(want), kinds)
	if nodes != nil {
		fmt.Printf(", as %s", strings.Join(nodes, " and "))
	}
	fmt.Println()
	return nil
}

// checkJava compares the names that the library of a desktop's JVM exports with Native.kt's.
func checkJava(c *header.Contract, args []string) error {
	path, err := one(args, "jni LIBRARY")
	if err != nil {
		return err
	}
	want, err := javaNames(c)
	if err != nil {
		return err
	}
	wrong, err := differences(path, want)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s is not the library of Native.kt:\n  %s", path, strings.Join(wrong, "\n  "))
	}
	fmt.Printf("symbols: %d functions, exactly those of Native.kt\n", len(want))
	return nil
}

// javaNames are the functions that a JVM looks for.
func javaNames(c *header.Contract) ([]string, error) {
	natives, err := natives(c)
	if err != nil {
		return nil, err
	}
	names := []string{"JNI_OnLoad"}
	for _, n := range natives {
		names = append(names, "Java_callkey_Native_"+nativeName(n.function))
	}
	return names, nil
}

// differences tells how the names that a library exports differ from the wanted ones.
func differences(path string, want []string) ([]string, error) {
	have, err := exported.Names(path)
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, name := range want {
		if !slices.Contains(have, name) {
			wrong = append(wrong, name+" is declared and not exported")
		}
	}
	for _, name := range have {
		if !slices.Contains(want, name) {
			wrong = append(wrong, name+" is exported and not declared")
		}
	}
	return wrong, nil
}

// soname is the name that programs linked with a library ask for.
func soname(path string) (string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	defer f.Close()
	names, err := f.DynString(elf.DT_SONAME)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return strings.Join(names, " "), nil
}

// one returns the only argument of a command, a file.
func one(args []string, usage string) (string, error) {
	if len(args) != 1 {
		return "", fmt.Errorf("usage: go run ./tools/contract %s", usage)
	}
	if _, err := os.Stat(args[0]); err != nil {
		return "", err
	}
	return args[0], nil
}
