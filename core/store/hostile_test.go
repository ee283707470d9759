package store_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// If this failed, someone with the store file could have it run code of theirs in SQL: a
// trigger that leaves out a write, so that a ratchet seals with one message key twice, or a
// view that never ends.
func TestForeignSchema(t *testing.T) {
	for name, text := range map[string]string{
		"a trigger that leaves out writes": `CREATE TRIGGER t BEFORE UPDATE ON items BEGIN SELECT RAISE(IGNORE); END`,
		"an index":                         `CREATE INDEX i ON items (value)`,
		"another table":                    `CREATE TABLE other (x)`,
		"a view that never ends": `ALTER TABLE items RENAME TO hidden;
			CREATE VIEW items AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
			SELECT 0 AS kind, x'00' AS name, x'00' AS value FROM n WHERE i < 0`,
		"a table with a check": `ALTER TABLE items RENAME TO hidden;
			CREATE TABLE items (kind INTEGER NOT NULL, name BLOB NOT NULL, value BLOB NOT NULL CHECK (kind >= 0),
			PRIMARY KEY (kind, name)) WITHOUT ROWID, STRICT;
			INSERT INTO items SELECT * FROM hidden; DROP TABLE hidden`,
		"no table":                  `DROP TABLE items; CREATE TABLE other (x)`,
		"a trigger on the archives": `CREATE TRIGGER t BEFORE INSERT ON archives BEGIN SELECT RAISE(IGNORE); END`,
		"an index of the archives":  `CREATE INDEX i ON archives (value)`,
		"a trigger on the chains":   `CREATE TRIGGER t BEFORE INSERT ON chains BEGIN SELECT RAISE(IGNORE); END`,
		"an index of the chains":    `CREATE INDEX i ON chains (value)`,
		"a root of another table for a primary key": `PRAGMA writable_schema = ON;
			INSERT INTO sqlite_schema SELECT 'index', 'sqlite_autoindex_archives_1', 'archives', rootpage, NULL FROM sqlite_schema WHERE name = 'link'`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s")
			s := open(t, path, storageKey, store.Options{})
			put(t, s, "name", "value")
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			change(t, path, text)
			opened := make(chan error, 1)
			go func() {
				s, err := store.Open(path, storageKey, store.Options{})
				if err == nil {
					s.Close()
				}
				opened <- err
			}()
			select {
			case err := <-opened:
				if status.Of(err) != status.StoreCorrupt || !strings.Contains(err.Error(), "schema") {
					t.Fatalf("opened: %v", err)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("it does not end")
			}
		})
	}
}

func openRaw(path string) (*sqlite3.SQLiteConn, error) {
	conn, err := (&sqlite3.SQLiteDriver{}).Open(path)
	if err != nil {
		return nil, err
	}
	return conn.(*sqlite3.SQLiteConn), nil
}

// change runs SQL on a store's file, as someone who has the file can.
func change(t *testing.T, path, text string) {
	t.Helper()
	conn, err := openRaw(path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(context.Background(), text, nil); err != nil {
		t.Fatal(err)
	}
}
