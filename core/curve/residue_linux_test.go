// The race detector has a shadow of the memory that is too large to search.
//go:build !race

package curve

import (
	"testing"

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
	secret.Do(func() {
		for i, digit := range signedDigits(private) {
			digits[i] = byte(digit)
		}
	})
	s.For("the private key", private[:])
	s.For("the private key's digits", digits[:])
	s.For("the shared secret", shared[:])
	s.For("one of many shared secrets", many[1][:])
	clear(private[:])
	clear(many[1:])
	clear(shared[:])
	clear(digits[:])
	*together = [2][Bytes]byte{}
	if left := s.Left(); left != nil {
		t.Errorf("left are %q", left)
	}
}
