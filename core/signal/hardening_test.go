package signal

import (
	"bytes"
	"libcallkey/core/session"
	"testing"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Each test here is one fault of the Signal library's orchestration (docs/security.md
// lists them by these numbers). It first shows the fault on session.Cipher and
// session.Builder, which proves that the test can fail, and then that it can't be
// reached through this library.

// refuses checks that d rejects c with one of the statuses and changes nothing.
func (d *ours) refuses(t *testing.T, c session.Ciphertext, want ...status.Code) {
	t.Helper()
	before := d.dump(t)
	_, err := d.open(c)
	if !bytes.Equal(before, d.dump(t)) {
		t.Fatalf("a refused message changed the store: %v", err)
	}
	for _, code := range want {
		if status.Of(err) == code {
			return
		}
	}
	t.Fatalf("%v (%s), want one of %v", err, status.Of(err).Name(), want)
}

// dump is every record that a message could change.
func (d *ours) dump(t testing.TB) (all []byte) {
	t.Helper()
	type record struct {
		table store.Table
		name  string
	}
	records := []record{
		{store.Sessions, d.peer.String()}, {store.Identities, d.peer.String()},
		{store.Account, accountName}, {store.Prekeys, "1"}, {store.SignedPrekeys, "1"},
	}
	for n := range buckets {
		records = append(records, record{store.BaseKeys, bucket{1, byte(n)}.name()})
	}
	err := d.store.Update(func(tx *store.Tx) error {
		for _, r := range records {
			row, err := tx.Get(r.table, r.name)
			if err != nil {
				return err
			}
			all = append(append(all, byte(r.table), byte(len(row)), byte(len(row)>>8)), row...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
