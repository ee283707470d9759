// The race detector has a shadow of the memory that is too large to search.
//go:build !race

package curve

import (
	"testing"

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
	var public, peer [Bytes]byte
	Generate(private, &peer)
	Generate(private, &public)
	if err := Agree(shared, private, &peer); err != nil {
		t.Fatal(err)
	}
	Sign(private, []byte("message"))
	s.For("the private key", private[:])
	s.For("the shared secret", shared[:])
	clear(private[:])
	clear(shared[:])
	if left := s.Left(); left != nil {
		t.Errorf("left are %q", left)
	}
}
