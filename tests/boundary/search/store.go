package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	_ "github.com/mattn/go-sqlite3"
	"golang.org/x/crypto/chacha20poly1305"
)

// storeSecrets returns the keys inside the host's store files: each file's random data key,
// which one of the storage keys opens, and the keys that the library derives from it. Only
// the file has them.
func storeSecrets(folder string, storageKeys [][]byte) (all []secret, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.db"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		row, err := keyRow(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		found := false
		for _, storageKey := range storageKeys {
			// The library also derives one from a wrong storage key, before it knows that it is
			// wrong.
			all = append(all, secret{"wrapping key", wrappingKey(row, storageKey)})
			keys := unwrapped(row, storageKey)
			if keys == nil {
				continue
			}
			found = true
			data := keys[:32]
			all = append(all, secret{"data key", data},
				secret{"record key", derived(data, nil, "callkey store record key", 32)},
				secret{"row name key", derived(data, nil, "callkey store row name key", 32)})
		}
		if !found {
			return nil, fmt.Errorf("%s: no storage key opens it", file)
		}
	}
	return all, nil
}

// keyRow reads the row in a copy of the file and its log: the host may have them open.
func keyRow(file string) (row []byte, err error) {
	folder, err := os.MkdirTemp("", "copy")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	copied := filepath.Join(folder, "store")
	for _, part := range []string{"", "-wal"} {
		content, err := os.ReadFile(file + part)
		if err != nil && part == "" {
			return nil, err
		}
		if err == nil {
			err = os.WriteFile(copied+part, content, 0o600)
		}
		if err != nil && part == "" {
			return nil, err
		}
	}
	db, err := sql.Open("sqlite3", copied)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	err = db.QueryRow("SELECT value FROM items WHERE kind = 0 AND name = CAST('key' AS BLOB)").Scan(&row)
	return row, err
}

// The key row: a form, the store's id, a nonce and the data key under the storage key, a sum.
const (
	idAt      = 1
	wrappedAt = idAt + 16
	sumBytes  = 8
)

func wrappingKey(row, storageKey []byte) []byte {
	return derived(storageKey, row[idAt:wrappedAt], "callkey store wrapping key", 32)
}

// unwrapped returns nil if the storage key belongs to another store.
func unwrapped(row, storageKey []byte) []byte {
	aead, err := chacha20poly1305.NewX(wrappingKey(row, storageKey))
	if err != nil {
		panic(err) // not 32 bytes
	}
	wrapped := row[wrappedAt : len(row)-sumBytes]
	keys, err := aead.Open(nil, wrapped[:aead.NonceSize()], wrapped[aead.NonceSize():],
		append([]byte("callkey store data key"), row[idAt:wrappedAt]...))
	if err != nil {
		return nil
	}
	return keys
}
