package session_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// If this failed, a session would need a store, or the ratchet would stand in two places.
func TestNoStore(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		switch name := strings.TrimSpace(line); name {
		case "libcallkey/core/store", "libcallkey/core/signal", "database/sql", "github.com/mattn/go-sqlite3":
			t.Errorf("core/session imports %s", name)
		}
	}
}

var impure = regexp.MustCompile(`"time"|"os"|"sync/atomic"|\btime\.Now\b|sync\.(RW)?Mutex`)

// If this failed, a result would depend on the machine's clock, or a call would wait for another.
func TestNoClockAndNoLock(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := impure.Find(source); found != nil {
			t.Errorf("%s has %s", name, found)
		}
	}
}
