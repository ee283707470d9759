package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"libcallkey/core/kdf"
	"libcallkey/core/status"
)

// If this failed, an offer to one user would write many pages, or two devices would share a row.
func TestChainsOfAUserAreNeighbours(t *testing.T) {
	plain := newSealer(newStoreID(), nil, true)
	for kind, s := range map[string]*sealer{"sealed": newSealer(newStoreID(), newDataKeys(), false), "plaintext": plain} {
		users, ids := map[uint64]string{}, map[string]string{}
		for _, user := range []string{"15550100123@s.whatsapp.net", "15550100124@s.whatsapp.net", "1:2@lid", "alone", ""} {
			names := []string{user + ":0", user + ":1", user + ":77"}
			if user == "alone" {
				names = append(names, user)
			}
			for _, name := range names {
				row := s.rowName(Chains, name)
				if len(row) != 8 {
					t.Fatalf("%s: the row of %q is %x", kind, name, row)
				}
				if other, taken := ids[row]; taken {
					t.Errorf("%s: %q and %q have one row", kind, name, other)
				}
				ids[row] = name
				upper := binary.BigEndian.Uint64([]byte(row)) >> 44
				if had, known := users[upper]; known && had != user {
					t.Errorf("%s: %q and %q are one user", kind, user, had)
				}
				users[upper] = user
				if chainName(chainID(row)) != row {
					t.Errorf("%s: %x becomes %x", kind, row, chainName(chainID(row)))
				}
			}
		}
		if len(users) != 5 {
			t.Errorf("%s: 5 users have %d places", kind, len(users))
		}
	}
	// These hashes are in files: another layout needs another schema.
	var user, device [kdf.Size]byte
	kdf.HMAC(&user, make([]byte, kdf.Size), []byte{11, 0}, []byte("a@lid"))
	kdf.HMAC(&device, make([]byte, kdf.Size), []byte{11, 1}, []byte("a@lid:7"))
	want := binary.BigEndian.Uint64(user[:])&^(1<<44-1) | binary.BigEndian.Uint64(device[:])&(1<<44-1)
	if got := binary.BigEndian.Uint64([]byte(plain.rowName(Chains, "a@lid:7"))); got != want {
		t.Errorf("the id is %x, want %x", got, want)
	}
}

// If this failed, a device's chain keys could come from another row, or a row be taken for what it is
// not.
func TestFormsOfChains(t *testing.T) {
	for kind, s := range map[string]*sealer{"sealed": newSealer(newStoreID(), newDataKeys(), false), "plaintext": newSealer(newStoreID(), nil, true)} {
		s.first = firstSealerOf(new([kdf.Size]byte), new([kdf.Size]byte))
		content := func(b []byte, table Table, rowName string) []byte {
			sealed := append(make([]byte, 24), b...)
			return s.lock(s.appendBound(nil, table, rowName), sealed)
		}
		forms := map[string][]byte{
			"named":   append(appendRowHead(nil, Sessions, 0, "a"), "record"...),
			"unnamed": append(appendRowHead(nil, Chains, 0, "a"), "record"...),
			"first":   appendFirst(nil, make([]byte, 100)),
			"unknown": {9, 0, 0},
		}
		for _, c := range []struct {
			table Table
			form  string
			want  status.Code
		}{
			{Chains, "unnamed", status.OK},
			{Chains, "named", status.StoreCorrupt},
			{Chains, "first", status.StoreCorrupt},
			{Chains, "unknown", status.Unsupported},
			{Sessions, "named", status.OK},
			{Sessions, "unnamed", status.StoreCorrupt},
		} {
			rowName := s.rowName(c.table, "a")
			sealed := content(forms[c.form], c.table, rowName)
			record, _, err := s.open(c.table, rowName, "a", sealed)
			if status.Of(err) != c.want || err == nil && string(record) != "record" {
				t.Errorf("%s: a row %s in table %d is %q, %v", kind, c.form, c.table, record, err)
			}
			if c.table != Sessions {
				continue
			}
			sealed = content(forms[c.form], c.table, rowName)
			if name, _, err := s.named(c.table, rowName, sealed); status.Of(err) != c.want || err == nil && name != "a" {
				t.Errorf("%s: a row %s is listed as %q, %v", kind, c.form, name, err)
			}
		}
		later := s.seal(Chains, s.rowName(Chains, "a"), "a", []byte("record"))
		s.generation.Add(1)
		if _, stale, err := s.open(Chains, s.rowName(Chains, "a"), "a", bytes.Clone(later)); err != nil || !stale {
			t.Errorf("%s: the chains of an old copy are stale: %v, %v", kind, stale, err)
		}
		later = s.seal(Chains, s.rowName(Chains, "a"), "a", []byte("record"))
		s.generation.Store(0)
		if record, _, err := s.open(Chains, s.rowName(Chains, "a"), "a", later); status.Of(err) != status.StoreCorrupt || record != nil {
			t.Errorf("%s: chains of a time to come: %q, %v", kind, record, err)
		}
	}
}

// If this failed, each message would write more than it changes.
func TestChainsAreSmall(t *testing.T) {
	s := newSealer(newStoreID(), newDataKeys(), false)
	name := strings.Repeat("5", 20) + "@s.whatsapp.net:99"
	for _, generation := range []uint64{0, 127, 1 << 21} {
		s.generation.Store(generation)
		if n := len(s.seal(Chains, s.rowName(Chains, name), name, make([]byte, 88))); n >= 150 || generation < 128 && n != 130 {
			t.Errorf("two chain keys in generation %d have %d bytes", generation, n)
		}
	}
}

// If this failed, a device's chain keys would be lost, another's, or there after they were removed.
func TestChains(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			s := openKind(t, kind)
			names := make([]string, 3*Batch)
			for i := range names {
				names[i] = fmt.Sprintf("1555010012%d@s.whatsapp.net:%d", i/4, i)
			}
			check := func(want func(i int) string) {
				t.Helper()
				update(t, s, func(tx *Tx) {
					for i, name := range names {
						if i%(Batch-1) == 0 { // full batches and others
							if err := tx.Fetch(Chains, names[i:min(i+Batch-1, len(names))]); err != nil {
								t.Fatal(err)
							}
						}
						wantRecord(t, tx, Chains, name, map[int]string{i: want(i)}, i)
						wantRecord(t, tx, Chains, name, map[int]string{i: want(i)}, i) // without Fetch
						wantRecord(t, tx, Sessions, name, map[int]string{i: ""}, i)
						if has, err := tx.Has(Chains, name); err != nil || has != (want(i) != "") {
							t.Errorf("there is %s: %v, %v", name, has, err)
						}
					}
				})
			}
			for _, round := range []string{"first ", "again "} {
				update(t, s, func(tx *Tx) {
					for i, name := range names {
						tx.Put(Chains, name, fmt.Append(nil, round, i))
					}
				})
				check(func(i int) string { return fmt.Sprint(round, i) })
			}
			failure := errors.New("refused")
			err := s.Update(func(tx *Tx) error {
				for _, name := range names {
					tx.Put(Chains, name, []byte("refused"))
				}
				return failure
			})
			if err != failure {
				t.Fatal(err)
			}
			update(t, s, func(tx *Tx) { tx.Delete(Chains, names[5]); tx.Put(Chains, names[6], []byte("a longer one")) })
			check(func(i int) string {
				return map[int]string{5: "", 6: "a longer one"}[i] + map[bool]string{true: fmt.Sprint("again ", i)}[i < 5 || i > 6]
			})
			if err := s.Walk(Chains, "", func(string, []byte) bool { return true }); status.Of(err) != status.Internal {
				t.Errorf("they are listed: %v", err)
			}
		})
	}
}

// If this failed, who has the file could give one device another's chain keys, or crash the process.
func TestForgedChains(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "s"), bytes.Repeat([]byte{7}, StorageKeyBytes)
	s, err := Open(path, key, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := s.backend.(*file)
	update(t, s, func(tx *Tx) {
		tx.Put(Chains, "a:1", []byte("of a"))
		tx.Put(Chains, "b:1", []byte("of b"))
		tx.Put(Sessions, "a:1", []byte("session"))
	})
	for what, text := range map[string]string{
		"of a restored row":   "", // as it was
		"of another device":   "UPDATE chains SET value = (SELECT max(value) FROM chains)",
		"of the session":      "UPDATE chains SET value = (SELECT value FROM items WHERE kind = 4)",
		"too short":           "UPDATE chains SET value = x'00'",
		"empty":               "UPDATE chains SET value = x''",
		"removed from a file": "DELETE FROM chains",
	} {
		if err := f.exec("SAVEPOINT forged"); err != nil {
			t.Fatal(err)
		}
		if text != "" {
			if err := f.exec(text); err != nil {
				t.Fatal(err)
			}
		}
		refused, read := 0, 0
		for name, want := range map[string]string{"a:1": "of a", "b:1": "of b"} {
			tx := &Tx{store: s}
			got, err := tx.Get(Chains, name)
			switch {
			case status.Of(err) == status.StoreCorrupt:
				refused++
			case err != nil:
				t.Errorf("%s: %v", what, err)
			case got != nil && string(got) != want:
				t.Errorf("%s: %s has %q", what, name, got)
			case got != nil:
				read++
			}
		}
		wantRefused := map[string]int{"of another device": 1, "of the session": 2, "too short": 2, "empty": 2}[what]
		if refused != wantRefused || text == "" && read != 2 {
			t.Errorf("%s: %d are refused and %d read", what, refused, read)
		}
		if err := f.exec("ROLLBACK TO forged"); err != nil {
			t.Fatal(err)
		}
		f.exec("RELEASE forged")
	}
	// A row of that kind among the others has no id.
	if _, err := f.rows("SELECT 11, x'00', x'00'", nil); status.Of(err) != status.StoreCorrupt {
		t.Errorf("a row of kind 11: %v", err)
	}
}
