// The race detector has a shadow of the memory that is too large to search.
//go:build !race

package curve

import (
	"crypto/sha512"
	"testing"
	"unsafe"

	"filippo.io/edwards25519"

	"libcallkey/core/secret"
	"libcallkey/core/secret/secrettest"
)

// If this failed, the identity's private key would stay in memory after each signature, or a
// shared secret after each handshake.
func TestNothingIsLeft(t *testing.T) {
	s := secrettest.NewSearch(t)
	if s == nil {
		return
	}
	private, shared := new([Bytes]byte), new([Bytes]byte)
	digits := new([2 * Bytes]byte)
	nonce, scalar := new(edwards25519.Scalar), new(edwards25519.Scalar)
	encodings := new([2][Bytes]byte)
	var public, peer [Bytes]byte
	Generate(private, &peer)
	Generate(private, &public)
	if err := Agree(shared, private, &peer); err != nil {
		t.Fatal(err)
	}
	// Enough of them for the lanes.
	many := new([9][Bytes]byte)
	agreements := make([]Agreement, len(many))
	for i := range agreements {
		agreements[i] = Agreement{Shared: &many[i], Private: private, Public: &public}
	}
	agreements[0].Public = nil
	AgreeAll(agreements)
	Sign(private, []byte("message"))
	together := new([2][Bytes]byte)
	two := []Agreement{
		{Shared: &together[0], Private: private, Public: &peer},
		{Shared: &together[1], Private: private, Public: &peer},
	}
	secret.Do(func() { agreeByTables(two) })
	if together[0] != *shared || together[1] != *shared {
		t.Fatal("agreements together are others")
	}
	var random [64]byte
	var signature [SignatureBytes]byte
	secret.Do(func() { sign(&signature, private, []byte("message"), &random) })
	secret.Do(func() {
		var hashed [2*Bytes + len("message") + len(random)]byte
		n := copy(hashed[:], noncePrefix[:])
		n += copy(hashed[n:], private[:])
		copy(hashed[n:], "message")
		digest := sha512.Sum512(hashed[:])
		nonce.SetUniformBytes(digest[:])
		scalar.SetBytesWithClamping(private[:])
		copy(encodings[0][:], nonce.Bytes())
		copy(encodings[1][:], scalar.Bytes())
		for i, digit := range signedDigits(private) {
			digits[i] = byte(digit)
		}
	})
	s.For("the private key", private[:])
	s.For("the private key's digits", digits[:])
	s.For("the nonce of a signature", memory(nonce), encodings[0][:])
	s.For("the private key as a scalar", memory(scalar), encodings[1][:])
	s.For("the shared secret", shared[:])
	s.For("one of many shared secrets", many[1][:])
	clear(private[:])
	clear(many[1:])
	clear(shared[:])
	clear(digits[:])
	*together = [2][Bytes]byte{}
	*nonce, *scalar = edwards25519.Scalar{}, edwards25519.Scalar{}
	clear(encodings[:])
	if left := s.Left(); left != nil {
		t.Errorf("left are %q", left)
	}
}

// memory is what a scalar is in memory, which is not its encoding.
func memory(scalar *edwards25519.Scalar) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(scalar)), unsafe.Sizeof(*scalar))
}
