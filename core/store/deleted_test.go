package store_test

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// If this failed, a prekey that was used or a session that was removed could be read from the
// file until SQLite needs the place, and its messages opened by who steals the file later.
func TestDeletedRecordIsGoneFromTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	value := make([]byte, 300)
	rand.Read(value)
	update := func(work func(tx *store.Tx)) []byte {
		t.Helper()
		s, err := store.Open(path, nil, store.Options{Plaintext: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Update(func(tx *store.Tx) error { work(tx); return nil }); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		image, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return image
	}
	part := value[100:132]
	if !bytes.Contains(update(func(tx *store.Tx) { tx.Put(store.Prekeys, "1", bytes.Clone(value)) }), part) {
		t.Fatal("the record is not in the file: this test is blind")
	}
	if bytes.Contains(update(func(tx *store.Tx) { tx.Delete(store.Prekeys, "1") }), part) {
		t.Error("a deleted record is still in the file")
	}
}

// If this failed, a page with a record that claims more than there is would be worked on as if
// it were sound, until a call reads that record.
func TestForgedCellSize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s := open(t, path, nil, store.Options{Plaintext: true})
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		put(t, s, name, "record "+name)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size := int(binary.BigEndian.Uint16(image[16:]))
	forged := false
	for at := size; at+size <= len(image); at += size {
		page := image[at : at+size]
		const leafOfIndex = 10
		if page[0] != leafOfIndex {
			continue
		}
		// The last record, which is not read below, begins with its size.
		cells := int(binary.BigEndian.Uint16(page[3:]))
		last := int(binary.BigEndian.Uint16(page[8+2*(cells-1):]))
		copy(page[last:], []byte{0x87, 0x50}) // 976 bytes: beyond the page
		forged = true
	}
	if !forged {
		t.Fatal("the file has no page of records: this test is blind")
	}
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	opened, err := store.Open(path, nil, store.Options{Plaintext: true})
	if err == nil {
		err = opened.Update(func(tx *store.Tx) error {
			_, err := tx.Get(store.Sessions, "a")
			return err
		})
		opened.Close()
	}
	if status.Of(err) != status.StoreCorrupt {
		t.Errorf("it is read: %v", err)
	}
}
