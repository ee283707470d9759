package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
)

// component is one thing that somebody else wrote and that is inside the library.
type component struct {
	name, version string
	// release is the version as THIRD_PARTY.md has it. It differs for Go: any patch release
	// of one minor version may build the library, and its licence is the same.
	release string
	purl    string // package URL, see https://github.com/package-url/purl-spec
	sum     string // of the module zip as in go.sum, "" for what is no module
	what    string
	licence licence
}

// purposes says in THIRD_PARTY.md what each is there for. A component without a purpose is
// one that nobody decided on: an error.
var purposes = map[string]string{
	"filippo.io/edwards25519":     "checks of public keys",
	"github.com/cloudflare/circl": "X25519",
	"github.com/mattn/go-sqlite3": "the store's way to SQLite",
	"go.mau.fi/libsignal":         "Signal keys, signatures and the storage protobuf",
	"go.mau.fi/whatsmeow":         "the token dictionary of the binary XML, nothing else",
	"golang.org/x/crypto":         "XChaCha20-Poly1305 of the store",
	"golang.org/x/sys":            "what the processor can do, for golang.org/x/crypto",
	"google.golang.org/protobuf":  "protobuf",
	sqlite:                        "the store's file",
	goItself:                      "runtime and standard library",
}

const (
	sqlite       = "SQLite"
	goItself     = "Go"
	sqliteModule = "github.com/mattn/go-sqlite3"
)

// linked lists the components of a library, Go and SQLite last.
func linked(library string) ([]component, error) {
	info, err := buildinfo.ReadFile(library)
	if err != nil {
		return nil, err
	}
	var components []component
	for _, module := range info.Deps {
		found, err := fromModule(module)
		if err != nil {
			return nil, err
		}
		components = append(components, found...)
	}
	toolchain, err := fromGo(info.GoVersion)
	if err != nil {
		return nil, err
	}
	components = append(components, toolchain)
	for i := range components {
		c := &components[i]
		if c.what = purposes[c.name]; c.what == "" {
			return nil, fmt.Errorf("%s is linked in, and supply/component.go does not say what for", c.name)
		}
	}
	return components, nil
}

// fromModule is a module, and SQLite beside the one that carries its source.
func fromModule(module *debug.Module) ([]component, error) {
	if module.Replace != nil {
		return nil, fmt.Errorf("%s is replaced: what is linked is not what it says", module.Path)
	}
	dir, err := moduleDir(module.Path, module.Version)
	if err != nil {
		return nil, err
	}
	terms, err := readLicence(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", module.Path, err)
	}
	all := []component{{
		name: module.Path, version: module.Version, release: module.Version, sum: module.Sum,
		purl: "pkg:golang/" + module.Path + "@" + module.Version, licence: terms,
	}}
	if module.Path != sqliteModule {
		return all, nil
	}
	header, err := os.ReadFile(filepath.Join(dir, "sqlite3-binding.h"))
	if err != nil {
		return nil, err
	}
	version := regexp.MustCompile(`(?m)^#define SQLITE_VERSION +"([0-9.]+)"`).FindSubmatch(header)
	if version == nil {
		return nil, fmt.Errorf("%s has no SQLite version", dir)
	}
	return append(all, component{
		name: sqlite, version: string(version[1]), release: string(version[1]),
		purl: "pkg:generic/sqlite@" + string(version[1]), licence: blessing,
	}), nil
}

func moduleDir(path, version string) (string, error) {
	out, err := exec.Command(goCommand(), "mod", "download", "-json", path+"@"+version).Output()
	if err != nil {
		return "", fmt.Errorf("%s@%s: %w", path, version, err)
	}
	var module struct{ Dir string }
	err = json.Unmarshal(out, &module)
	return module.Dir, err
}

// fromGo takes the licence from the toolchain that is installed, which need not be the
// patch release that built the library.
func fromGo(version string) (component, error) {
	number, _, _ := strings.Cut(strings.TrimPrefix(version, "go"), "-")
	number, _, _ = strings.Cut(number, " ")
	minor := strings.Join(strings.SplitN(number, ".", 3)[:2], ".")
	root, err := exec.Command(goCommand(), "env", "GOROOT").Output()
	if err != nil {
		return component{}, err
	}
	// Go's own text, from a place where every packaging of Go has it: some leave out the one
	// at the top.
	terms, err := readLicence(filepath.Join(strings.TrimSpace(string(root)), "src/vendor/golang.org/x/sys"))
	return component{
		name: goItself, version: number, release: minor,
		purl: "pkg:golang/std@" + number, licence: terms,
	}, err
}

func goCommand() string {
	if command := os.Getenv("GO"); command != "" {
		return command
	}
	return "go"
}
