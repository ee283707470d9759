package derive_test

import (
	"os"
	"os/exec"
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
