package signal

import (
	"testing"

	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/libsignal/kdf"
	"go.mau.fi/libsignal/keys/chain"
	"go.mau.fi/libsignal/keys/root"

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

func (d *ours) bundle(t testing.TB) Bundle {
	t.Helper()
	b, err := TakeBundle(d.store)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (d *ours) seal(plaintext string) (c Ciphertext, err error) {
	err = Within(d.store, []Address{d.peer}, nil, func(tx *store.Tx, devices []Device) (err error) {
		c, err = Encrypt(tx, devices[0], []byte(plaintext))
		return err
	})
	return c, err
}

func (d *ours) open(c Ciphertext) (plaintext string, err error) {
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
func (d *ours) record(t testing.TB) *record {
	t.Helper()
	encoded, err := Export(d.store, d.peer)
	if err != nil {
		t.Fatal(err)
	}
	var r record
	if err := r.decode(encoded); err != nil {
		t.Fatal(err)
	}
	return &r
}

// setRecord replaces it.
func (d *ours) setRecord(t testing.TB, r *record) {
	t.Helper()
	err := Within(d.store, []Address{d.peer}, nil, func(tx *store.Tx, devices []Device) error {
		r.stage(tx, devices[0])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func compareSteps(t *testing.T, secret, private *[32]byte, peer *theirs) {
	t.Helper()
	our := chainKey{key: *secret, index: 5}
	their := chain.NewKey(kdf.DeriveSecrets, append([]byte(nil), secret[:]...), 5)
	for range 10 {
		a, b := our.messageKeys(), their.MessageKeys()
		if string(a.cipher[:]) != string(b.CipherKey()) || string(a.mac[:]) != string(b.MacKey()) || string(a.iv[:]) != string(b.Iv()) || a.index != b.Index() {
			t.Fatal("message keys differ")
		}
		our.step()
		their = their.NextKey()
	}
	ratchet := peer.signed[1].KeyPair().PublicKey()
	pair := ecc.NewECKeyPair(ecc.NewDjbECPublicKey(*secret), ecc.NewDjbECPrivateKey(*private))
	want, err := root.NewKey(kdf.DeriveSecrets, append([]byte(nil), secret[:]...)).CreateChain(ratchet, pair)
	if err != nil {
		t.Fatal(err)
	}
	rootKey, public := *secret, ratchet.PublicKey()
	got, err := stepRoot(&rootKey, private, &public)
	if err != nil || string(got.key[:]) != string(want.ChainKey.Key()) || string(rootKey[:]) != string(want.RootKey.Bytes()) {
		t.Fatalf("root step differs: %v", err)
	}
}
