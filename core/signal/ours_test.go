package signal

import (
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"testing"

	"libcallkey/core/store"
)

// ours is a device that runs this library, seen from inside.
type ours struct {
	store *store.Store
	peer  Address
}

func newOurs(t testing.TB) *ours {
	t.Helper()
	s, err := OpenStore("", nil, store.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &ours{s, Address{Name: "peer", Device: 1}}
}

func (d *ours) bundle(t testing.TB) session.Bundle {
	t.Helper()
	b, err := TakeBundle(d.store)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (d *ours) seal(plaintext string) (c session.Ciphertext, err error) {
	err = Within(d.store, []Address{d.peer}, nil, func(tx *store.Tx, devices []Device) (err error) {
		c, err = Encrypt(tx, devices[0], []byte(plaintext))
		return err
	})
	return c, err
}

func (d *ours) open(c session.Ciphertext) (plaintext string, err error) {
	in, err := Parse(c.Prekey, c.Bytes)
	if err != nil {
		return "", err
	}
	err = Within(d.store, []Address{d.peer}, in.Locks(d.store), func(tx *store.Tx, devices []Device) error {
		opened, err := in.Decrypt(tx, devices[0])
		plaintext = string(opened)
		return err
	})
	return plaintext, err
}

// record is a copy of the device's session record.
func (d *ours) record(t testing.TB) *sessiontest.Record {
	t.Helper()
	encoded, err := Export(d.store, d.peer)
	if err != nil {
		t.Fatal(err)
	}
	return sessiontest.Parse(t, encoded)
}

// setRecord replaces it.
func (d *ours) setRecord(t testing.TB, r *sessiontest.Record) {
	t.Helper()
	err := Within(d.store, []Address{d.peer}, nil, func(tx *store.Tx, devices []Device) error {
		tx.Put(store.Sessions, string(devices[0]), r.Encode())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
