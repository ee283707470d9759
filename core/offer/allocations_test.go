// Under the race detector a pool forgets at random.
//go:build !race

package offer_test

import (
	"fmt"
	"testing"

	"libcallkey/core/aes"
	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/stanza"
)

// If this failed, a message of a kept session would pay for memory about as much as for the store, and an
// offer for each of its devices.
func TestAllocationsOfAKeptSession(t *testing.T) {
	if !aes.Available() {
		t.Skip("needs the processor's instructions for AES: crypto/aes allocates")
	}
	caller, callee := openStore(t, false), openStore(t, false)
	jids := make([]string, 100)
	for i := range jids {
		jids[i] = fmt.Sprintf(calleeJID, i)
		peer := callee
		if i > 0 {
			peer = openStore(t, false)
		}
		begin(t, caller, peer, jids[i])
		acknowledge(t, caller, peer, jids[i])
	}
	key := newKey(t)
	var sealed [][]byte
	if n := testing.AllocsPerRun(100, func() {
		ciphertext, _, err := offer.SealEnc(caller, jids[0], key[:], -1)
		if err != nil {
			t.Fatal(err)
		}
		sealed = append(sealed, ciphertext)
	}); n > 3 { // the name, the message's own, the ciphertext
		t.Errorf("to seal allocates %v times", n)
	}
	var out [callkey.Bytes]byte
	if n := testing.AllocsPerRun(len(sealed)-1, func() {
		if err := offer.OpenEnc(callee, &out, callerJID, stanza.EncMsg, 2, sealed[0]); err != nil {
			t.Fatal(err)
		}
		sealed = sealed[1:]
	}); n > 3 { // the name, what was parsed, the plaintext
		t.Errorf("to open allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		all, err := offer.Seal(caller, key[:], jids, &callOptions, -1)
		if err != nil {
			t.Fatal(err)
		}
		all.Release()
	}); n > 15 { // with two for each device, 212
		t.Errorf("an offer to %d devices allocates %v times", len(jids), n)
	}
}
