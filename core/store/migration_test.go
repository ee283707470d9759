package store

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"
)

// Fault 35: a process that looks at an old file while another one migrates it must see one or the
// other schema, not the old one's number with the new one's tables: it would call the file damaged.
func TestFault35MigratedWhileItIsChecked(t *testing.T) {
	image, err := os.ReadFile(filepath.Join("..", "..", "testdata", "stores", "0.2.0-plaintext.db"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	conn, err := connect(path, time.Now().Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	f := &file{conn: conn, options: Options{Plaintext: true}}
	defer conn.Close()
	versionRead, migrated := false, false
	conn.RegisterAuthorizer(func(what int, name, _, _ string) int {
		versionRead = versionRead || what == sqlite3.SQLITE_PRAGMA && name == "user_version"
		if versionRead && what == sqlite3.SQLITE_SELECT && !migrated {
			migrated = true
			s, err := Open(path, nil, Options{Plaintext: true})
			if err != nil {
				t.Errorf("the one that migrates: %v", err)
				return sqlite3.SQLITE_OK
			}
			defer s.Close()
		}
		return sqlite3.SQLITE_OK
	})
	if err := f.prepareSchema(nil); err != nil {
		t.Errorf("the one that checks: %v", err)
	}
	if !migrated {
		t.Error("nobody migrated the file: this test is blind")
	}
}
