// The race detector has a shadow of the memory that is too large to search.
//go:build !race

package signal

import (
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"path/filepath"
	"testing"
	"time"

	"libcallkey/core/curve"
	"libcallkey/core/secret"
	"libcallkey/core/secret/secrettest"
	"libcallkey/core/store"
)

// told records every secret that a device has now.
func (d *ours) told(t testing.TB, s *secrettest.Search) {
	t.Helper()
	encoded, err := Export(d.store, d.peer)
	if err == nil {
		secret.Do(func() {
			sessiontest.EachSecret(t, encoded, func(name string, key []byte) { s.For(name, key) })
		})
		clear(encoded)
	}
	err = d.store.Update(func(tx *store.Tx) error {
		// A row has the seeds of skipped messages, what is exported has their keys.
		for _, table := range []store.Table{store.Sessions, store.Archives} {
			row, err := tx.Get(table, d.peer.String())
			if err != nil {
				return err
			}
			secret.Do(func() {
				sessiontest.EachSecret(t, row, func(name string, key []byte) { s.For(name, key) })
			})
			clear(row)
		}
		own, err := loadAccount(tx)
		if err != nil {
			return err
		}
		s.For("the identity", own.Private[:])
		for _, one := range own.signed {
			if key, err := loadPrekey(tx, store.SignedPrekeys, one.id); err == nil {
				s.For("a signed prekey", key[:])
				clear(key[:])
			}
		}
		own.Wipe()
		for id := range uint32(4) {
			if key, err := loadPrekey(tx, store.Prekeys, id+1); err == nil {
				s.For("a one-time prekey", key[:])
				clear(key[:])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What whole sessions leave in memory once the stores are closed: on the heap, where nobody but
// the library can reach it, there must be nothing. The residue test searches the same in
// processes of hosts; this one is exact, because the garbage collector does not run.
func TestNothingIsLeftOfSessions(t *testing.T) {
	for name, o := range map[string]store.Options{
		"in memory": {Memory: true}, "in a sealed file": {}, "kept in memory": {Memory: true, KeepOpened: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := secrettest.NewSearch(t)
			if s == nil {
				return
			}
			storageKey := secrettest.Random(store.StorageKeyBytes)
			s.For("the storage key", storageKey)
			var devices []*ours
			for range 3 {
				var path string
				var key []byte
				if !o.Memory {
					path, key = filepath.Join(t.TempDir(), "store"), storageKey
				}
				made, err := OpenStore(path, key, o)
				if err != nil {
					t.Fatal(err)
				}
				devices = append(devices, &ours{made, Address{Name: "peer", Device: 1}})
			}
			clear(storageKey)
			story(t, s, devices[0], devices[1], devices[2])
			for _, d := range devices {
				d.told(t, s)
				if err := d.store.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if left := s.Left(); left != nil {
				t.Errorf("left are %q", left)
			}
		})
	}
}

// story is what can happen to sessions. Each device notes its secrets after each step.
func story(t *testing.T, s *secrettest.Search, a, b, c *ours) {
	step := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		a.told(t, s)
		b.told(t, s)
		c.told(t, s)
	}
	refused := func(err error) {
		t.Helper()
		if err == nil {
			t.Error("what is to be refused was not")
		}
		step(nil)
	}
	send := func(from *ours) session.Ciphertext {
		t.Helper()
		plaintext := secrettest.Random(40)
		defer clear(plaintext)
		s.For("a plaintext", plaintext)
		var sealed session.Ciphertext
		step(Within(from.store, []Address{from.peer}, nil, func(tx *store.Tx, devices []Device) (err error) {
			sealed, err = Encrypt(tx, devices[0], session.Plaintext{Bytes: plaintext})
			return err
		}))
		return sealed
	}
	open := func(to *ours, m session.Ciphertext) error {
		in, err := Parse(m.Prekey, m.Bytes)
		if err != nil {
			return err
		}
		return Within(to.store, []Address{to.peer}, in.Locks(to.store), func(tx *store.Tx, devices []Device) error {
			plaintext, err := in.Decrypt(tx, devices[0])
			clear(plaintext)
			return err
		})
	}
	forged := func(m session.Ciphertext) session.Ciphertext {
		m.Bytes = append([]byte(nil), m.Bytes...)
		m.Bytes[len(m.Bytes)-12] ^= 1
		return m
	}

	_, err := AddPrekeys(b.store, 2)
	step(err)
	bundle, err := TakeBundle(b.store)
	step(err)
	step(Begin(a.store, a.peer, &bundle))
	first := send(a)
	refused(open(b, forged(first)))
	step(open(b, first))
	if again := open(b, first); (again == nil) != b.store.Options().KeepOpened {
		t.Errorf("the second time it is %v", again)
	}
	for range sessiontest.MaxReceivers + 2 { // turns, with a message that stays away and one that comes late
		send(b)
		late, message := send(b), send(b)
		step(open(a, message))
		refused(open(a, forged(message)))
		step(open(a, late))
		answer := send(a)
		refused(open(b, forged(answer)))
		step(open(b, answer))
	}
	_, err = RotateSignedPrekey(b.store)
	step(err)
	b.agePrekeys(t)
	_, err = RotateSignedPrekey(b.store)
	step(err)
	identity, err := IdentityOf(a.store, a.peer)
	step(err)
	var nobody, another [32]byte
	curve.Generate(&nobody, &another)
	message := send(b)
	step(Trust(a.store, a.peer, &another)) // the peer was installed anew, it seems
	refused(open(a, message))
	refused(Check(a.store, a.peer))
	step(Trust(a.store, a.peer, &identity))
	step(open(a, message))
	for range 3 { // sessions that are archived
		bundle, err = TakeBundle(b.store)
		step(err)
		step(Begin(a.store, a.peer, &bundle))
		step(open(b, send(a)))
	}
	record, err := Export(a.store, a.peer)
	step(err)
	step(Import(c.store, c.peer, record))
	json := secrettest.Random(20)
	refused(Import(c.store, Address{Name: "other", Device: 1}, append([]byte("{"), json...)))
	refused(Import(c.store, Address{Name: "other", Device: 1}, record[:len(record)-1]))
	step(Import(c.store, Address{Name: "alias", Device: 1}, record))
	clear(record)
	step(Alias(c.store, Address{Name: "alias", Device: 1}, c.peer))
	prekey := secrettest.Random(32)
	curve.Clamp((*[32]byte)(prekey))
	s.For("an imported prekey", prekey)
	step(ImportPrekey(c.store, 100, (*[32]byte)(prekey)))
	step(ImportPrekey(c.store, 100, (*[32]byte)(prekey)))
	step(ImportSignedPrekey(c.store, 100, (*[32]byte)(prekey)))
	other := secrettest.Random(32)
	curve.Clamp((*[32]byte)(other))
	s.For("a prekey that was refused", other)
	refused(ImportPrekey(c.store, 100, (*[32]byte)(other)))
	refused(ImportIdentity(c.store, (*[32]byte)(other), 1))
	clear(other)
	clear(prekey)
	step(Check(c.store, c.peer))
	step(Remove(c.store, c.peer))
}

// agePrekeys makes all signed prekeys but the newest older than they may get.
func (d *ours) agePrekeys(t testing.TB) {
	t.Helper()
	err := changeAccount(d.store, func(_ *store.Tx, a *account) error {
		for i := range a.signed {
			a.signed[i].since = time.Now().Add(-2 * keepSigned).Unix()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
