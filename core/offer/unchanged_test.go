package offer_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// rowsOf is every row of a store's file as it is sealed. A record that is written again,
// even with the same content, has another nonce and so other bytes.
func rowsOf(t *testing.T, path string) map[string][]byte {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	found, err := db.Query("SELECT kind, name, value FROM items UNION ALL SELECT kind, name, value FROM archives UNION ALL SELECT 11, CAST(id AS BLOB), value FROM chains")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	rows := map[string][]byte{}
	for found.Next() {
		var kind int
		var name, value []byte
		if err := found.Scan(&kind, &name, &value); err != nil {
			t.Fatal(err)
		}
		rows[fmt.Sprintf("%d %x", kind, name)] = value
	}
	return rows
}

// Whatever is refused, whoever's fault it is, leaves the same bytes in the store, and the
// next good call works.
func TestRefusedCallsWriteNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s, err := signal.OpenStore(path, storageKey, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	peer := openStore(t, false)
	const me, other, stranger = "222222222222222:0@lid", "111111111111111:2@lid", "333:1@lid"
	begin(t, peer, s, me)
	acknowledge(t, peer, s, me)
	made, err := signal.AddPrekeys(s, 2)
	if err != nil {
		t.Fatal(err)
	}
	key := newKey(t)
	sealed, err := offer.Seal(peer, key[:], []string{me, "222222222222222:5@lid"}, &callOptions, -1)
	if err != nil {
		t.Fatal(err)
	}
	_, ciphertext, err := stanza.ParseOffer(sealed.Wire, []string{me})
	if err != nil {
		t.Fatal(err)
	}
	// Padding of another length can be read as fields that nobody knows.
	var padded session.Ciphertext
	err = signal.Within(peer, []signal.Address{addressOf(t, me)}, nil, func(tx *store.Tx, devices []signal.Device) (err error) {
		padded, err = signal.Encrypt(tx, devices[0], session.Plaintext{Bytes: append(append([]byte{0x52, 0x22, 0x0a, 0x20}, key[:]...), 1)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := signal.TakeBundle(peer)
	if err != nil {
		t.Fatal(err)
	}
	before := rowsOf(t, path)
	var opened [callkey.Bytes]byte
	refused := func(what string, err error, want ...status.Code) {
		t.Helper()
		for _, code := range want {
			if status.Of(err) == code {
				return
			}
		}
		t.Errorf("%s: %v (%s), want one of %v", what, err, status.Of(err).Name(), want)
	}
	sealEnc := func(jid string, key []byte, capacity int) error {
		_, _, err := offer.SealEnc(s, jid, key, capacity)
		return err
	}
	for _, n := range []int{0, 1, 31, 33, 64} {
		refused("key length", sealEnc(other, make([]byte, n), -1), status.KeyLength)
		_, err := offer.Seal(s, make([]byte, n), []string{other}, &callOptions, -1)
		refused("key length", err, status.KeyLength)
	}
	for _, jid := range []string{"", "x", "1@", "@lid", "\xff@lid", "1:256@lid", "1@g.us", string(bytes.Repeat([]byte{'1'}, 200)) + "@lid"} {
		refused("jid", sealEnc(jid, key[:], -1), status.Argument)
		refused("jid", offer.OpenEnc(s, &opened, jid, stanza.EncMsg, 2, ciphertext), status.Argument)
	}
	refused("capacity", sealEnc(other, key[:], 5), status.Buffer)
	refused("no session", sealEnc(stranger, key[:], -1), status.NoSession)
	_, err = offer.Seal(s, key[:], []string{stranger}, &callOptions, -1)
	refused("no session with anyone", err, status.NoDevices)
	_, err = offer.Seal(s, key[:], []string{other}, &stanza.OfferOptions{}, -1)
	refused("empty options", err, status.Argument)
	for _, version := range []uint32{0, 1, 4} {
		refused("version", offer.OpenEnc(s, &opened, other, stanza.EncMsg, version, ciphertext), status.Unsupported)
	}
	refused("padded as unpadded", offer.OpenEnc(s, &opened, other, stanza.EncMsg, 3, padded.Bytes), status.Malformed)
	refused("type none", offer.OpenEnc(s, &opened, other, stanza.EncNone, 2, ciphertext), status.Unsupported)
	refused("msg as pkmsg", offer.OpenEnc(s, &opened, other, stanza.EncPkmsg, 2, ciphertext), status.Malformed)
	refused("another sender", offer.OpenEnc(s, &opened, stranger, stanza.EncMsg, 2, ciphertext), status.NoSession)
	for n := range sealed.Wire {
		_, err := offer.Open(s, &opened, sealed.Wire[:n], []string{me}, "")
		refused("cut stanza", err, status.Malformed)
		spoilt := bytes.Clone(ciphertext)
		spoilt[n%len(spoilt)] ^= 1 << (n % 8)
		refused("spoilt ciphertext", offer.OpenEnc(s, &opened, other, stanza.EncMsg, 2, spoilt),
			status.Malformed, status.Unsupported, status.Authentication, status.InvalidKey, status.TooFar, status.Duplicate)
	}
	_, err = offer.Open(s, &opened, sealed.Wire, []string{"222222222222222:9@lid"}, "")
	refused("not for this device", err, status.NotForThisDevice)
	bad := bundle
	bad.Signature[0] ^= 1
	refused("bundle", signal.Begin(s, addressOf(t, stranger), &bad), status.InvalidKey)
	_, err = offer.Begin(s, key[:], []string{stranger, "x"}, []*session.Bundle{&bad, &bundle}, &callOptions, -1)
	refused("bundles of an offer", err, status.NoDevices)
	_, err = offer.Begin(s, key[:], []string{stranger, other}, []*session.Bundle{&bundle, nil}, &callOptions, 100)
	refused("capacity of an offer with a bundle", err, status.Buffer)
	refused("import", signal.Import(s, addressOf(t, stranger), []byte("not a record")), status.Malformed, status.Unsupported)
	refused("trust", signal.Trust(s, addressOf(t, stranger), new([32]byte)), status.InvalidKey)
	refused("prekey 0", signal.ImportPrekey(s, 0, new([32]byte)), status.Argument)
	refused("identity", signal.ImportIdentity(s, new([32]byte), 1), status.Conflict)
	_, err = signal.AddPrekeys(s, -1)
	refused("prekeys", err, status.Argument)
	for id, want := range map[uint32]status.Code{0: status.Argument, 1 << 24: status.Argument, 1<<24 - 1: status.NotFound} {
		refused("published", signal.Publish(s, []uint32{made[0].ID, id}), want)
	}
	if opened != [callkey.Bytes]byte{} {
		t.Error("a refused call left a key behind")
	}
	after := rowsOf(t, path)
	if len(after) != len(before) {
		t.Fatalf("%d rows, there were %d", len(after), len(before))
	}
	for name, row := range before {
		if !bytes.Equal(row, after[name]) {
			t.Errorf("row %s was written", name)
		}
	}
	if _, err := offer.Open(s, &opened, sealed.Wire, []string{me}, ""); err != nil || opened != key {
		t.Fatalf("the good call after all that: %v", err)
	}
	if err := sealEnc(other, key[:], -1); err != nil {
		t.Fatal(err)
	}
}
