package session

import (
	"libcallkey/core/curve"
	"testing"

	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/libsignal/kdf"
	"go.mau.fi/libsignal/keys/chain"
	"go.mau.fi/libsignal/keys/root"
)

// If chains or root keys stepped differently, no session would outlive one message.
func TestStepsAsTheSignalLibraryDoes(t *testing.T) {
	var private, public, theirPrivate, theirPublic [32]byte
	curve.Generate(&private, &public)
	curve.Generate(&theirPrivate, &theirPublic)
	secret := public
	our := chainKey{key: secret, index: 5}
	their := chain.NewKey(kdf.DeriveSecrets, append([]byte(nil), secret[:]...), 5)
	for range 10 {
		stepped := our
		stepped.step()
		a, b := our.take(), their.MessageKeys()
		if string(a.cipher[:]) != string(b.CipherKey()) || string(a.mac[:]) != string(b.MacKey()) || string(a.iv[:]) != string(b.Iv()) || a.index != b.Index() {
			t.Fatal("message keys differ")
		}
		if our != stepped {
			t.Fatal("a chain steps in another way without its message's keys")
		}
		their = their.NextKey()
	}
	pair := ecc.NewECKeyPair(ecc.NewDjbECPublicKey(public), ecc.NewDjbECPrivateKey(private))
	want, err := root.NewKey(kdf.DeriveSecrets, append([]byte(nil), secret[:]...)).CreateChain(ecc.NewDjbECPublicKey(theirPublic), pair)
	if err != nil {
		t.Fatal(err)
	}
	rootKey := secret
	got, err := stepRoot(&rootKey, &private, &theirPublic)
	if err != nil || string(got.key[:]) != string(want.ChainKey.Key()) || string(rootKey[:]) != string(want.RootKey.Bytes()) {
		t.Fatalf("root step differs: %v", err)
	}
}
