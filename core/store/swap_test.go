package store_test

import (
	"database/sql"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"libcallkey/core/store"
)

// swapRows exchanges the values of the two session rows in the file.
func swapRows(t *testing.T, path string) string {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT name, value FROM items WHERE kind = ?", int(store.Sessions))
	if err != nil {
		t.Fatal(err)
	}
	var names, values [][]byte
	for rows.Next() {
		var name, value []byte
		if err := rows.Scan(&name, &value); err != nil {
			t.Fatal(err)
		}
		names, values = append(names, name), append(values, value)
	}
	rows.Close()
	if len(names) != 2 {
		t.Fatalf("%d session rows", len(names))
	}
	for i := range names {
		if _, err := db.Exec("UPDATE items SET value = ? WHERE name = ?", values[1-i], names[i]); err != nil {
			t.Fatal(err)
		}
	}
	return path
}
