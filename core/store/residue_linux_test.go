// The race detector has a shadow of the memory that is too large to search.
//go:build !race

package store

import (
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"libcallkey/core/kdf"
	"libcallkey/core/secret"
	"libcallkey/core/secret/secrettest"
	"libcallkey/core/status"
)

// tellKeys notes the keys of an open store.
func tellKeys(s *secrettest.Search, of *Store) {
	keys := &of.backend.(*file).seal.keys
	record := secrettest.Random(kdf.Size)
	secret.Do(func() { kdf.HKDF(record, nil, keys.data[:], []byte(recordKeyLabel)) })
	s.For("the data key", keys.data[:])
	s.For("the record key", record)
	s.For("the row name key", of.backend.(*file).seal.rowNameKey[:])
	if keys.hasFirst {
		s.For("the keys of schema 1", keys.firstRecord[:], keys.firstRowName[:])
	}
	clear(record)
}

// A store's keys open everything in a stolen file. They must be gone when it is closed, when its
// storage key is changed, and when it could not be opened for whatever is wrong with it.
func TestNothingIsLeftOfStores(t *testing.T) {
	s := secrettest.NewSearch(t)
	if s == nil {
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "s")
	key, other, record := secrettest.Random(StorageKeyBytes), secrettest.Random(StorageKeyBytes), secrettest.Random(200)
	s.For("a storage key", key, other)
	s.For("a record", record)
	wrapped := func(storageKey []byte, of *Store) {
		secret.Do(func() {
			aead, wrappingKey := wrapping(of.backend.(*file).seal.id, storageKey)
			s.For("a wrapping key", wrappingKey[:])
			clear(wrappingKey[:])
			secret.WipeObject(aead)
		})
	}
	opened := func(path string, key []byte, o Options) *Store {
		t.Helper()
		of, err := Open(path, key, o)
		if err != nil {
			t.Fatal(err)
		}
		tellKeys(s, of)
		return of
	}
	refused := func(path string, key []byte, want status.Code) {
		t.Helper()
		if of, err := Open(path, key, Options{}); status.Of(err) != want {
			t.Errorf("it opens: %v, want %s", err, want.Name())
			of.Close()
		}
	}
	of := opened(path, key, Options{})
	put := func(name string) {
		t.Helper()
		err := of.Update(func(tx *Tx) error {
			tx.Put(Sessions, name, append([]byte(nil), record...))
			tx.Put(Sessions, name, append([]byte(nil), record...))
			tx.Put(Chains, name, append([]byte(nil), record...))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	put("a")
	of.Update(func(tx *Tx) error {
		tx.Put(Sessions, "b", append([]byte(nil), record...))
		return errRecord // and nothing is written
	})
	of.Update(func(tx *Tx) error {
		part := tx.Part()
		part.Fetch(Sessions, []string{"a", "b"}) // and never asked for
		part.Fetch(Chains, []string{"a", "b"})
		part.Put(Sessions, "c", append([]byte(nil), record...))
		return nil
	})
	if err := of.ChangeKey(other); err != nil {
		t.Fatal(err)
	}
	if err := of.Copy(filepath.Join(dir, "copy")); err != nil {
		t.Fatal(err)
	}
	of.Close()
	refused(path, key, status.StoreKey)
	of = opened(path, other, Options{})
	put("d")
	of.Close()
	restored := opened(filepath.Join(dir, "copy"), other, Options{Restored: true})
	restored.Close()

	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("UPDATE items SET value = zeroblob(60) WHERE kind = 0 AND name = CAST('generation' AS BLOB)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	refused(path, other, status.StoreCorrupt)

	// A store of schema 1, to be opened.
	image, err := os.ReadFile(filepath.Join("..", "..", "testdata", "stores", "0.2.0-sealed.db"))
	if err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(dir, "old")
	if err := os.WriteFile(old, image, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(old, key, status.StoreKey)
	fixture := fixtureKey(t)
	s.For("the old store's storage key", fixture)
	of = opened(old, fixture, Options{})
	wrapped(fixture, of)
	of.Close()
	clear(key)
	clear(other)
	clear(record)
	clear(fixture)
	if left := s.Left(); left != nil {
		t.Errorf("left are %q", left)
	}
}

// A row is decrypted before it shows that it is another's.
func TestNothingIsLeftOfRefusedRows(t *testing.T) {
	s := secrettest.NewSearch(t)
	if s == nil {
		return
	}
	seal := newSealer(newStoreID(), newDataKeys(), false)
	record := secrettest.Random(100)
	s.For("the record", record)
	rowName := seal.rowName(Sessions, "a")
	row := seal.seal(Sessions, rowName, "a", record)
	clear(record)
	if _, _, err := seal.open(Sessions, rowName, "b", row); status.Of(err) != status.StoreCorrupt {
		t.Errorf("under another name: %v", err)
	}
	seal.generation.Store(5)
	later := seal.seal(Sessions, rowName, "a", []byte{1})
	seal.generation.Store(0)
	if _, _, err := seal.open(Sessions, rowName, "a", later); status.Of(err) != status.StoreCorrupt {
		t.Errorf("of a time to come: %v", err)
	}
	chains := seal.seal(Chains, seal.rowName(Chains, "a"), "a", []byte{2})
	if _, _, err := seal.open(Chains, seal.rowName(Chains, "b"), "b", chains); status.Of(err) != status.StoreCorrupt {
		t.Errorf("chains under another name: %v", err)
	}
	if left := s.Left(); left != nil {
		t.Errorf("left are %q", left)
	}
}

// fixtureKey is the storage key of the sealed store that version 0.2 wrote.
func fixtureKey(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "stores", "0.2.0-sealed.json"))
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		StorageKey string `json:"storage_key"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	key := secrettest.Random(StorageKeyBytes)
	if _, err := hex.Decode(key, []byte(said.StorageKey)); err != nil {
		t.Fatal(err)
	}
	return key
}
