package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"libcallkey/core/status"
)

// A row that was cut, or that a newer library wrote, must be told as what it is: an app that hears
// "damaged" throws its sessions away, and one that hears "newer" waits for an update.
func TestRowsOfEveryLength(t *testing.T) {
	whole := append(appendRowHead(nil, Sessions, 300, "a name"), "record"...)
	if r, err := parseRow(whole); err != nil || r.form != formNamed || r.generation != 300 || r.name != "a name" || string(r.record) != "record" {
		t.Fatalf("%+v, %v", r, err)
	}
	head := len(whole) - len("record")
	for n := range whole {
		r, err := parseRow(whole[:n])
		switch {
		case n < head && status.Of(err) != status.StoreCorrupt:
			t.Errorf("the first %d bytes: %v", n, err)
		case n >= head && (err != nil || string(r.record) != "record"[:n-head]):
			t.Errorf("the first %d bytes: %q, %v", n, r.record, err)
		}
	}
	for _, form := range []byte{formFirst, formUnnamed} {
		if r, err := parseRow([]byte{form, 0x81, 1, 'x'}); err != nil || r.form != form || r.generation != 129 || r.name != "" || string(r.record) != "x" {
			t.Errorf("a row of form %d: %+v, %v", form, r, err)
		}
		if _, err := parseRow([]byte{form, 0x81}); status.Of(err) != status.StoreCorrupt {
			t.Errorf("a row of form %d that is cut: %v", form, err)
		}
	}
	if got := appendRowHead(nil, Chains, 129, "a name"); !bytes.Equal(got, []byte{formUnnamed, 0x81, 1}) {
		t.Errorf("a row of Chains begins with %x", got)
	}
	for form := range 256 {
		want := status.Unsupported
		if form == formNamed || form == formFirst || form == formUnnamed {
			want = status.OK
		}
		if _, err := parseRow([]byte{byte(form), 0, 0}); status.Of(err) != want {
			t.Errorf("form %d: %v", form, err)
		}
	}
	for _, size := range []uint64{7, 1 << 31, 1<<64 - 1} {
		row := binary.AppendUvarint([]byte{formNamed, 0}, size)
		if _, err := parseRow(append(row, "record"...)); status.Of(err) != status.StoreCorrupt {
			t.Errorf("a name of %d bytes in six: %v", size, err)
		}
	}
}

// A sealed row that is too short for its nonce or tag is damage, not a crash.
func TestSealedRowsOfEveryLength(t *testing.T) {
	s := newSealer(newStoreID(), newDataKeys(), false)
	rowName := s.rowName(Sessions, "a")
	sealed := s.seal(Sessions, rowName, "a", []byte("record"))
	for n := range sealed {
		if record, _, err := s.open(Sessions, rowName, "a", sealed[:n]); status.Of(err) != status.StoreCorrupt || record != nil {
			t.Errorf("the first %d bytes: %q, %v", n, record, err)
		}
	}
	first := firstSealerOf(&s.keys.data, &s.keys.data)
	for n := range chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead {
		if record, err := first.open(Sessions, "a", sealed[:n]); status.Of(err) != status.StoreCorrupt || record != nil {
			t.Errorf("of schema 1, the first %d bytes: %q, %v", n, record, err)
		}
	}
	if record, _, err := s.open(Sessions, rowName, "b", sealed); status.Of(err) != status.StoreCorrupt || record != nil {
		t.Errorf("under another name: %q, %v", record, err)
	}
	old := s.seal(Sessions, rowName, "a", []byte("record"))
	s.generation.Add(1)
	if record, stale, err := s.open(Sessions, rowName, "a", old); err != nil || !stale || string(record) != "record" {
		t.Errorf("a row of an old copy: %q, stale: %v, %v", record, stale, err)
	}
	fresh := s.seal(Sessions, rowName, "a", []byte("record"))
	if _, stale, err := s.open(Sessions, rowName, "a", fresh); err != nil || stale {
		t.Errorf("a row since then is stale: %v, %v", stale, err)
	}
	s.generation.Store(0)
	if record, _, err := s.open(Sessions, rowName, "a", fresh); status.Of(err) != status.StoreCorrupt || record != nil {
		t.Errorf("a row of a time to come: %q, %v", record, err)
	}
}

// The key row tells the kind of store, and what is wrong with a storage key.
func TestKeyRowsOfEveryKind(t *testing.T) {
	key, other := bytes.Repeat([]byte{7}, StorageKeyBytes), bytes.Repeat([]byte{8}, StorageKeyBytes)
	id := newStoreID()
	keys := func() *dataKeys { return &dataKeys{data: [32]byte{1}} }
	summed := func(row []byte, change func(body []byte) []byte) []byte {
		body := change(bytes.Clone(row[:len(row)-keySumBytes]))
		sum := sha256.Sum256(body)
		return append(body, sum[:keySumBytes]...)
	}
	same := func(b []byte) []byte { return b }
	sealed, plain := keyRow(id, keys(), key), keyRow(id, keys(), nil)
	first := keys()
	first.hasFirst, first.firstRecord, first.firstRowName = true, [32]byte{2}, [32]byte{3}
	migrated := keyRow(id, first, key)
	wrap := func(n int) []byte { // n bytes of data keys, as a newer library may have
		aead, _ := wrapping(id, key)
		nonce := make([]byte, chacha20poly1305.NonceSizeX)
		row := append([]byte{keySealed}, id[:]...)
		return summed(append(aead.Seal(append(row, nonce...), nonce, make([]byte, n), boundKey(id)), make([]byte, keySumBytes)...), same)
	}
	for name, c := range map[string]struct {
		row, key []byte
		want     status.Code
	}{
		"sealed":                          {sealed, key, status.OK},
		"of a migrated store":             {migrated, key, status.OK},
		"plaintext":                       {plain, nil, status.OK},
		"the wrong key":                   {sealed, other, status.StoreKey},
		"no key":                          {sealed, nil, status.StoreKey},
		"a key for plaintext":             {plain, key, status.StoreKey},
		"another form":                    {summed(sealed, func(b []byte) []byte { b[0] = 3; return b }), key, status.Unsupported},
		"form 0":                          {summed(sealed, func(b []byte) []byte { b[0] = 0; return b }), key, status.Unsupported},
		"another form, no key":            {summed(sealed, func(b []byte) []byte { b[0] = 3; return b }), nil, status.Unsupported},
		"a nonce that is cut":             {summed(sealed, func(b []byte) []byte { return b[:1+16+chacha20poly1305.NonceSizeX-1] }), key, status.StoreCorrupt},
		"only a nonce":                    {summed(sealed, func(b []byte) []byte { return b[:1+16+chacha20poly1305.NonceSizeX] }), key, status.StoreKey},
		"a sum that is wrong":             {append(bytes.Clone(sealed[:len(sealed)-1]), sealed[len(sealed)-1]^1), key, status.StoreCorrupt},
		"a byte that is wrong":            {append([]byte{sealed[0], sealed[1] ^ 1}, sealed[2:]...), key, status.StoreCorrupt},
		"nothing":                         {nil, key, status.StoreCorrupt},
		"an id alone":                     {plain[:17], nil, status.StoreCorrupt},
		"more keys than today":            {wrap(dataKeysFirstBytes + 1), key, status.Unsupported},
		"keys of another length":          {wrap(dataKeysBytes + 1), key, status.Unsupported},
		"keys of the length of today":     {wrap(dataKeysBytes), key, status.OK},
		"keys of the length of the first": {wrap(dataKeysFirstBytes), key, status.OK},
		"no keys":                         {wrap(0), key, status.Unsupported},
	} {
		s, err := openKeyRow(c.row, c.key)
		if status.Of(err) != c.want {
			t.Errorf("%s: %v (%s), want %s", name, err, status.Of(err).Name(), c.want.Name())
		}
		if err == nil && (s.id != id || (s.aead == nil) != (c.key == nil)) {
			t.Errorf("%s: another store", name)
		}
	}
	s, err := openKeyRow(migrated, key)
	if err != nil || s.first == nil || s.rowNameKey != first.firstRowName || s.keys.firstRecord != first.firstRecord || s.keys.data != first.data {
		t.Errorf("what schema 1 sealed can't be opened: %v", err)
	}
	if s, err = openKeyRow(sealed, key); err != nil || s.first != nil || s.keys.data != keys().data {
		t.Errorf("another data key: %v", err)
	}
}
