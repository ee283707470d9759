package signal

import (
	"errors"
	"strconv"
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"libcallkey/core/session/sessiontest/hardening"

	"libcallkey/core/store"
)

// ours is a device that runs this library over a store, seen from inside.
type ours struct {
	store *store.Store
	peer  Address
}

var _ hardening.Device = (*ours)(nil)

func newOurs(t testing.TB) *ours {
	t.Helper()
	s, err := OpenStore("", nil, store.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &ours{s, Address{Name: "peer", Device: 1}}
}

func (d *ours) New(t testing.TB) hardening.Device {
	t.Helper()
	return newOurs(t)
}

// at is the same store's view of another device.
func (d *ours) at(a Address) *ours { return &ours{d.store, a} }

func (d *ours) At(peer string) hardening.Device {
	a, ok := Device(peer).Address()
	if !ok {
		panic(peer + " is no device")
	}
	return d.at(a)
}

func (d *ours) Bundle(t testing.TB) session.Bundle {
	t.Helper()
	b, err := TakeBundle(d.store)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (d *ours) AddPrekeys(n int) (ids []uint32, err error) {
	made, err := AddPrekeys(d.store, n)
	for _, p := range made {
		ids = append(ids, p.ID)
	}
	return ids, err
}

func (d *ours) Own(t testing.TB) (identity [32]byte, registrationID uint32) {
	t.Helper()
	own, err := OwnIdentity(d.store)
	if err != nil {
		t.Fatal(err)
	}
	return own.PublicKey, own.RegistrationID
}

func (d *ours) Begin(b *session.Bundle) error { return Begin(d.store, d.peer, b) }
func (d *ours) CanSeal() error                { return Check(d.store, d.peer) }
func (d *ours) Trust(key *[32]byte) error     { return Trust(d.store, d.peer, key) }
func (d *ours) Record() ([]byte, error)       { return Export(d.store, d.peer) }
func (d *ours) Import(record []byte) error    { return Import(d.store, d.peer, record) }
func (d *ours) Remove() error                 { return Remove(d.store, d.peer) }
func (d *ours) Untie() error                  { return Unalias(d.store, d.peer) }

func (d *ours) Tie(other hardening.Device) error {
	return Alias(d.store, other.(*ours).peer, d.peer)
}

func (d *ours) Seal(plaintext []byte) (c session.Ciphertext, err error) {
	err = Within(d.store, []Address{d.peer}, nil, func(tx *store.Tx, devices []Device) (err error) {
		c, err = Encrypt(tx, devices[0], session.Plaintext{Bytes: plaintext})
		return err
	})
	return c, err
}

func (d *ours) Open(c session.Ciphertext) (plaintext string, err error) {
	return d.openThen(c, nil)
}

// openThen opens c and returns then, whereby nothing is committed unless it is nil.
func (d *ours) openThen(c session.Ciphertext, then error) (plaintext string, err error) {
	in, err := Parse(c.Prekey, c.Bytes)
	if err != nil {
		return "", err
	}
	err = Within(d.store, []Address{d.peer}, in.Locks(d.store), func(tx *store.Tx, devices []Device) error {
		opened, err := in.Decrypt(tx, devices[0])
		if err != nil {
			return err
		}
		plaintext = string(opened)
		return then
	})
	return plaintext, err
}

func (d *ours) OpenAndDie(t testing.TB, c session.Ciphertext) {
	t.Helper()
	died := errors.New("died before the commit")
	if _, err := d.openThen(c, died); err != died {
		t.Fatal(err)
	}
}

func (d *ours) ForgetFirstMessages(t testing.TB) {
	t.Helper()
	if err := d.store.Update(func(tx *store.Tx) error { forgetBaseKeys(tx, 1); return nil }); err != nil {
		t.Fatal(err)
	}
}

func (d *ours) SetRecord(t testing.TB, record []byte) {
	t.Helper()
	err := Within(d.store, []Address{d.peer}, nil, func(tx *store.Tx, devices []Device) error {
		tx.Put(store.Sessions, string(devices[0]), append([]byte(nil), record...))
		tx.Delete(store.Chains, string(devices[0]))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (d *ours) Dump(t testing.TB) (all []byte) {
	t.Helper()
	type record struct {
		table store.Table
		name  string
	}
	records := []record{
		{store.Chains, d.peer.String()}, {store.Sessions, d.peer.String()}, {store.Archives, d.peer.String()},
		{store.Identities, d.peer.String()},
		{store.Account, accountName},
	}
	for id := range 4 {
		name := strconv.Itoa(id)
		records = append(records, record{store.Prekeys, name}, record{store.SignedPrekeys, name})
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

// What the tests of this package say for short.

func (d *ours) bundle(t testing.TB) session.Bundle            { return d.Bundle(t) }
func (d *ours) seal(text string) (session.Ciphertext, error)  { return d.Seal([]byte(text)) }
func (d *ours) open(c session.Ciphertext) (string, error)     { return d.Open(c) }
func (d *ours) dump(t testing.TB) []byte                      { return d.Dump(t) }
func (d *ours) record(t testing.TB) *sessiontest.Record       { return hardening.Record(t, d) }
func (d *ours) setRecord(t testing.TB, r *sessiontest.Record) { d.SetRecord(t, r.Encode()) }
func sealed(t testing.TB) func(session.Ciphertext, error) session.Ciphertext {
	return hardening.Sealed(t)
}
func opened(t testing.TB, want string) func(string, error) { return hardening.Opened(t, want) }
