package signal_test

import (
	"bytes"
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// peer is one device with its store, and what others call it.
type peer struct {
	store   *store.Store
	address signal.Address
}

var (
	alice = signal.Address{Name: "111111111111111_1", Device: 2}
	bob   = signal.Address{Name: "222222222222222_1", Device: 0}
)

func newPeer(t testing.TB, a signal.Address) *peer {
	t.Helper()
	s, err := signal.OpenStore("", nil, store.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &peer{s, a}
}

func (p *peer) bundle(t testing.TB, oneTime bool) session.Bundle {
	t.Helper()
	b, err := signal.TakeBundle(p.store)
	if err != nil || b.PrekeyID == 0 {
		t.Fatalf("bundle: %v, prekey %d", err, b.PrekeyID)
	}
	if !oneTime {
		b.PrekeyID, b.Prekey = 0, [32]byte{}
	}
	return b
}

func (p *peer) begin(t testing.TB, with *peer, oneTime bool) {
	t.Helper()
	b := with.bundle(t, oneTime)
	if err := signal.Begin(p.store, with.address, &b); err != nil {
		t.Fatal(err)
	}
}

func (p *peer) encrypt(to signal.Address, plaintext string) (c session.Ciphertext, err error) {
	err = signal.Within(p.store, []signal.Address{to}, nil, func(tx *store.Tx, d []signal.Device) (err error) {
		c, err = signal.Encrypt(tx, d[0], session.Plaintext{Bytes: []byte(plaintext)})
		return err
	})
	return c, err
}

func (p *peer) seal(t testing.TB, to *peer, plaintext string) session.Ciphertext {
	t.Helper()
	c, err := p.encrypt(to.address, plaintext)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (p *peer) open(from *peer, c session.Ciphertext) (plaintext string, err error) {
	in, err := signal.Parse(c.Prekey, c.Bytes)
	if err != nil {
		return "", err
	}
	err = signal.Within(p.store, []signal.Address{from.address}, in.Locks(p.store), func(tx *store.Tx, d []signal.Device) error {
		opened, err := in.Decrypt(tx, d[0])
		plaintext = string(opened)
		return err
	})
	return plaintext, err
}

func (p *peer) mustOpen(t testing.TB, from *peer, c session.Ciphertext, want string) {
	t.Helper()
	if got, err := p.open(from, c); err != nil || got != want {
		t.Fatalf("opened %q (%v), want %q", got, err, want)
	}
}

func (p *peer) mustRefuse(t testing.TB, from *peer, c session.Ciphertext, want ...status.Code) {
	t.Helper()
	_, err := p.open(from, c)
	for _, code := range want {
		if status.Of(err) == code {
			return
		}
	}
	t.Fatalf("%v (%s), want one of %v", err, status.Of(err).Name(), want)
}

// everything is what the store holds about a device, and its prekeys' numbers.
func (p *peer) everything(t testing.TB, about signal.Address) []byte {
	t.Helper()
	var all []byte
	err := p.store.Update(func(tx *store.Tx) error {
		for _, table := range []store.Table{store.Sessions, store.Chains, store.Archives, store.Identities} {
			row, err := tx.Get(table, about.String())
			if err != nil {
				return err
			}
			all = append(append(all, byte(table), byte(len(row))), row...)
		}
		for id := range 20 {
			row, err := tx.Get(store.Prekeys, string(rune('0'+id%10)))
			if err != nil {
				return err
			}
			all = append(all, row...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// unchanged runs work and fails if it changed anything in p's store about the device.
func (p *peer) unchanged(t testing.TB, about signal.Address, work func()) {
	t.Helper()
	before := p.everything(t, about)
	work()
	if !bytes.Equal(before, p.everything(t, about)) {
		t.Fatal("a refused message changed the store")
	}
}

// acquainted are two peers that answered each other.
func acquainted(t testing.TB) (a, b *peer) {
	t.Helper()
	a, b = newPeer(t, alice), newPeer(t, bob)
	a.begin(t, b, true)
	b.mustOpen(t, a, a.seal(t, b, "hello"), "hello")
	a.mustOpen(t, b, b.seal(t, a, "hello back"), "hello back")
	return a, b
}
