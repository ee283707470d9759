package curve

import (
	"testing"

	"libcallkey/core/curve/lanes"
)

// If this failed, honest keys and signatures would be accepted as slowly as without lanes: what
// the lanes do not accept is judged again.
func TestHonestOnesAreAcceptedInLanes(t *testing.T) {
	if !lanes.Available() {
		t.Skip("needs a processor with AVX-512 IFMA")
	}
	for range 200 {
		var private, public [Bytes]byte
		Generate(&private, &public)
		message := Typed(&public)
		signature := Sign(&private, message[:])
		checks := []Check{{Public: &public}, {Public: &public, Message: message[:], Signature: &signature}, {Public: &public}}
		var accepted [chunk]bool
		acceptInLanes(checks, &accepted)
		for i := range checks {
			if !accepted[i] {
				t.Fatalf("check %d of %x is left to the ordinary one", i, public)
			}
		}
	}
}
