package derive_test

import (
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// If this failed, an app with its own Signal stack would carry a second one, and
// GPL-3.0 code where it only derives keys.
func TestNoSignalLibrary(t *testing.T) {
	rooms := []string{"libcallkey/core/callkey", "libcallkey/core/derive", "libcallkey/core/envelope", "libcallkey/core/epoch", "libcallkey/core/stanza"}
	for _, room := range rooms {
		list := exec.Command("go", "list", "-deps", room)
		list.Stderr = os.Stderr
		deps, err := list.Output()
		if err != nil {
			t.Fatalf("go list -deps %s: %v", room, err)
		}
		lines := strings.Fields(string(deps))
		if lines[len(lines)-1] != room {
			t.Fatalf("the list for %s ends in %s", room, lines[len(lines)-1])
		}
		for _, dep := range lines {
			if strings.HasPrefix(dep, "go.mau.fi/libsignal") {
				t.Errorf("%s imports %s", room, dep)
			}
		}
	}
}

// If this failed, THIRD_PARTY.md, docs/security.md and the comment of package session would
// be wrong about the code that we take from others.
func TestPackagesOfOthers(t *testing.T) {
	without := []string{
		"filippo.io/edwards25519",
		"filippo.io/edwards25519/field",
		"github.com/cloudflare/circl/dh/x25519",
		"github.com/cloudflare/circl/math/fp25519",
		"github.com/mattn/go-sqlite3",
		"go.mau.fi/whatsmeow/binary/token",
		"golang.org/x/crypto/chacha20poly1305",
		"golang.org/x/sys/cpu",
		"golang.org/x/sys/unix",
		"google.golang.org/protobuf/encoding/protowire",
	}
	with := slices.Sorted(slices.Values(append(slices.Clone(without), "go.mau.fi/libsignal/state/record")))
	for tags, stated := range map[string][]string{"": with, "without_libsignal": without} {
		if found := packagesOfOthers(t, tags); !slices.Equal(found, stated) {
			t.Errorf("with the tags %q our code imports\n%s\nand the texts are about\n%s",
				tags, strings.Join(found, "\n"), strings.Join(stated, "\n"))
		}
	}
}

func packagesOfOthers(t *testing.T, tags string) []string {
	t.Helper()
	list := exec.Command("go", "list", "-tags", tags, "-f", `{{join .Imports " "}}`, "libcallkey/core/...", "libcallkey/capi")
	list.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=1")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	imported := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		imports := strings.Fields(line)
		if slices.Contains(imports, "testing") {
			continue // a package for tests
		}
		for _, path := range imports {
			if domain, _, _ := strings.Cut(path, "/"); strings.Contains(domain, ".") {
				imported[path] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(imported))
}
