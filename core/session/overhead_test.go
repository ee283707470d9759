package session

import (
	"math"
	"testing"
)

// A program that allocates OverheadMaxBytes more than its plaintext would be refused with BUFFER if a
// message could have more, and would waste memory if none could have as much.
func TestOverheadIsTheMost(t *testing.T) {
	most := state{baseKey: [32]byte{1}, localRegistration: math.MaxUint32, previousCounter: math.MaxUint32}
	most.sender.chain.index = math.MaxUint32 - 1
	most.pending = pendingPrekey{unacknowledged: true, prekeyID: math.MaxUint32, signedPrekeyID: math.MaxUint32}
	r := Record{current: &most}
	c := r.seal(nil, make([]byte, MaxPlaintextBytes))
	if got := len(c.Bytes) - MaxPlaintextBytes; !c.Prekey || got != OverheadMaxBytes {
		t.Errorf("the longest message has %d bytes besides its plaintext, not %d", got, OverheadMaxBytes)
	}
	if _, err := Parse(true, c.Bytes); err != nil {
		t.Errorf("the longest message: %v", err)
	}
	if _, err := Parse(true, append(c.Bytes, 0)); err == nil {
		t.Error("a longer message parses")
	}
}
