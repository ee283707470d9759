// Command overlay makes the input of `go build -overlay` from the patches in
// capi/runtime.
//
//	overlay [-root DIR] FOLDER [FILE=WITH...]
//
// It applies each patch to a copy of the Go installation's source in FOLDER and prints the
// overlay as JSON. FILE=WITH replaces another file. -root is the Go installation, by
// default that of the go command.
//
// A patch applies if the lines that it removes or keeps occur exactly once, at any line
// number. Otherwise Go has changed there, and a person must check: nothing is guessed.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

func main() {
	root := flag.String("root", "", "the Go installation (default: that of the go command)")
	flag.Parse()
	if err := run(*root, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "overlay:", err)
		os.Exit(1)
	}
}

func run(root string, args []string) error {
	if len(args) == 0 {
		return errors.New("no folder for the changed files")
	}
	if root == "" {
		out, err := exec.Command(goCommand(), "env", "GOROOT").Output()
		if err != nil {
			return fmt.Errorf("go env GOROOT: %w", err)
		}
		root = strings.TrimSpace(string(out))
	}
	patches, err := filepath.Glob(filepath.Join("capi", "runtime", "*.patch"))
	if err != nil || len(patches) == 0 {
		return errors.New("no patches in capi/runtime: run it in the project's folder")
	}
	replace, err := patched(filepath.Join(root, "src"), args[0], patches)
	if err != nil {
		return fmt.Errorf("%w\n%s has %s, and the patches are for another Go: go.mod names one that fits (GOTOOLCHAIN chooses it)",
			err, root, version(root))
	}
	for _, pair := range args[1:] {
		file, with, ok := strings.Cut(pair, "=")
		if !ok {
			return fmt.Errorf("%s is not FILE=WITH", pair)
		}
		replace[file] = with
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"Replace": replace})
}

// version is the version of the Go installation, e.g. go1.26.0.
func version(root string) string {
	text, err := os.ReadFile(filepath.Join(root, "VERSION"))
	if err != nil {
		return "a Go without a version"
	}
	name, _, _ := strings.Cut(string(text), "\n")
	return name
}

func goCommand() string {
	if command := os.Getenv("GO"); command != "" {
		return command
	}
	return "go"
}

// patched applies the patches in the order of their names, writes each changed file into
// folder, and returns the replacement of each file of src.
func patched(src, folder string, patches []string) (map[string]string, error) {
	texts := map[string]string{}
	for _, patch := range patches {
		content, err := os.ReadFile(patch)
		if err != nil {
			return nil, err
		}
		hunks, err := parse(string(content))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", patch, err)
		}
		for _, h := range hunks {
			text, known := texts[h.file]
			if !known {
				original, err := os.ReadFile(filepath.Join(src, filepath.FromSlash(h.file)))
				if err != nil {
					return nil, fmt.Errorf("%s: %w", patch, err)
				}
				text = string(original)
			}
			if texts[h.file], err = h.apply(text); err != nil {
				return nil, fmt.Errorf("%s: %w", patch, err)
			}
		}
	}

	files := make([]string, 0, len(texts))
	for file := range texts {
		files = append(files, file)
	}
	sort.Strings(files)
	replace := map[string]string{}
	for _, file := range files {
		to := filepath.Join(folder, strings.ReplaceAll(file, "/", "-"))
		if err := os.WriteFile(to, []byte(texts[file]), 0o666); err != nil {
			return nil, err
		}
		replace[filepath.Join(src, filepath.FromSlash(file))] = to
	}
	return replace, nil
}
