package curve_test

import (
	"bytes"
	"crypto/ecdh"
	"encoding/hex"
	"testing"

	"libcallkey/core/curve"
	"libcallkey/core/status"
)

func generate(t *testing.T) (private, public [32]byte) {
	t.Helper()
	curve.Generate(&private, &public)
	return private, public
}

// If this failed, no peer could open what we seal.
func TestAgreesWithStandardLibrary(t *testing.T) {
	for range 50 {
		private, public := generate(t)
		ours, err := ecdh.X25519().NewPrivateKey(private[:])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(ours.PublicKey().Bytes(), public[:]) {
			t.Fatal("public key differs")
		}
		_, peer := generate(t)
		theirs, _ := ecdh.X25519().NewPublicKey(peer[:])
		want, _ := ours.ECDH(theirs)
		var got [32]byte
		if err := curve.Agree(&got, &private, &peer); err != nil || !bytes.Equal(got[:], want) {
			t.Fatalf("shared secret differs: %v", err)
		}
	}
}

// If an honest key were rejected, its owner could not be called.
func TestHonestKeysAreAccepted(t *testing.T) {
	for range 300 {
		if _, public := generate(t); curve.Validate(&public) != nil {
			t.Fatalf("honest key %x refused", public)
		}
	}
}

// A key of low order would fix the shared secret for anyone who watches.
func TestLowOrderAndUnreducedKeys(t *testing.T) {
	for _, text := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		public := [32]byte(fromHex(t, text))
		if got := status.Of(curve.Validate(&public)); got != status.InvalidKey {
			t.Errorf("Validate(%s) = %s", text, got.Name())
		}
		private, _ := generate(t)
		shared := [32]byte{1}
		if got := status.Of(curve.Agree(&shared, &private, &public)); got != status.InvalidKey || shared != [32]byte{} {
			t.Errorf("Agree(%s) = %s, secret cleared: %v", text, got.Name(), shared == [32]byte{})
		}
	}
	_, public := generate(t)
	public[31] |= 0x80
	if status.Of(curve.Validate(&public)) != status.InvalidKey {
		t.Error("a key with its top bit set was accepted: one key with two spellings")
	}
}

// If this failed, a server could swap the signed prekey of a bundle.
func TestSignatures(t *testing.T) {
	private, public := generate(t)
	message := []byte("message")
	signature := curve.Sign(&private, message)
	if !curve.Verify(&public, message, &signature) {
		t.Fatal("own signature refused")
	}
	for i := range signature {
		broken := signature
		broken[i] ^= 1
		if curve.Verify(&public, message, &broken) {
			t.Fatalf("signature with byte %d changed accepted", i)
		}
	}
	if curve.Verify(&public, []byte("messagf"), &signature) {
		t.Fatal("signature of another message accepted")
	}
}

func fromHex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func BenchmarkAgree(b *testing.B) {
	var private, public, shared [32]byte
	curve.Generate(&private, &public)
	for b.Loop() {
		curve.Agree(&shared, &private, &public)
	}
}

func BenchmarkValidate(b *testing.B) {
	var private, public [32]byte
	curve.Generate(&private, &public)
	for b.Loop() {
		curve.Validate(&public)
	}
}
