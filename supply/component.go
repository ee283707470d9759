package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
)

// component is third-party code inside the library.
type component struct {
	name, version string
	// release is the version in THIRD_PARTY.md. It differs for Go: any patch release of one
	// minor version may build the library, and the licence is the same.
	release string
	purl    string // package URL, see https://github.com/package-url/purl-spec
	sum     string // of the module zip as in go.sum; "" if it is not a module
	what    string
	licence licence
	builds  string // which builds link it, as THIRD_PARTY.md says it
}

// purposes has the column "what for" of THIRD_PARTY.md. A linked component without a purpose
// is an error: it was not added deliberately.
var purposes = map[string]string{
	"filippo.io/edwards25519":     "scalars and points of signatures, and field arithmetic for the check of public keys",
	"github.com/cloudflare/circl": "X25519, and field arithmetic for public keys and signatures",
	"github.com/mattn/go-sqlite3": "Go's interface to SQLite, for the store",
	"go.mau.fi/libsignal":         "the struct types of its JSON session records, which an import reads",
	"go.mau.fi/whatsmeow":         "the token dictionary of the binary XML, nothing else",
	"golang.org/x/crypto":         "XChaCha20-Poly1305 for the store's records",
	"golang.org/x/sys":            "file calls of the store on Linux; which vector registers the processor has",
	"google.golang.org/protobuf":  "the protobuf wire format (protowire), nothing else",
	sqlite:                        "the store's file",
	goItself:                      "runtime and standard library",
}

const (
	sqlite       = "SQLite"
	goItself     = "Go"
	sqliteModule = "github.com/mattn/go-sqlite3"
)

// build is the default one, or withoutLibsignal.
type build string

const (
	byDefault        build = "default"
	withoutLibsignal build = "WITHOUT_LIBSIGNAL=1"
)

func buildOf(info *debug.BuildInfo) build {
	for _, setting := range info.Settings {
		if setting.Key == "-tags" && slices.Contains(strings.Split(setting.Value, ","), "without_libsignal") {
			return withoutLibsignal
		}
	}
	return byDefault
}

// ofBoth lists the components of the default library, and says which the other one has too. That
// one has no more.
func ofBoth(library, without string) ([]component, error) {
	made, components, err := linked(library)
	if err != nil {
		return nil, err
	}
	madeWithout, fewer, err := linked(without)
	if err != nil {
		return nil, err
	}
	if made != byDefault || madeWithout != withoutLibsignal {
		return nil, fmt.Errorf("%s is built %s, and %s is built %s", library, made, without, madeWithout)
	}
	for i := range components {
		c := &components[i]
		same := func(other component) bool { return other.name == c.name && other.version == c.version }
		c.builds = "default"
		if at := slices.IndexFunc(fewer, same); at >= 0 {
			if strings.HasPrefix(c.licence.id, "GPL") {
				return nil, fmt.Errorf("%s is under the %s, and %s links it", c.name, c.licence.id, without)
			}
			c.builds = "both"
			fewer = slices.Delete(fewer, at, at+1)
		}
	}
	if len(fewer) != 0 {
		return nil, fmt.Errorf("%s has a component that %s lacks: %s %s", without, library, fewer[0].name, fewer[0].version)
	}
	return components, nil
}

// linked lists the components of a library, Go and SQLite last.
func linked(library string) (build, []component, error) {
	info, err := buildInfo(library)
	if err != nil {
		return "", nil, err
	}
	var components []component
	for _, module := range info.Deps {
		found, err := fromModule(module)
		if err != nil {
			return "", nil, err
		}
		components = append(components, found...)
	}
	toolchain, err := fromGo(info.GoVersion)
	if err != nil {
		return "", nil, err
	}
	components = append(components, toolchain)
	for i := range components {
		c := &components[i]
		if c.what = purposes[c.name]; c.what == "" {
			return "", nil, fmt.Errorf("%s is linked in, but supply/component.go has no purpose for it", c.name)
		}
	}
	return buildOf(info), components, nil
}

// fromModule returns a module, and also SQLite for the module that contains its source.
func fromModule(module *debug.Module) ([]component, error) {
	if module.Replace != nil {
		return nil, fmt.Errorf("%s is replaced: the linked code is not that module's", module.Path)
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

// fromGo reads the licence from the installed toolchain, which may be another patch release
// than the one that built the library.
func fromGo(version string) (component, error) {
	number, _, _ := strings.Cut(strings.TrimPrefix(version, "go"), "-")
	number, _, _ = strings.Cut(number, " ")
	minor := strings.Join(strings.SplitN(number, ".", 3)[:2], ".")
	root, err := exec.Command(goCommand(), "env", "GOROOT").Output()
	if err != nil {
		return component{}, err
	}
	// Go's own text, from a folder that every Go package has: some omit the file at the top.
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
