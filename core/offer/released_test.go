package offer_test

import (
	"bytes"
	"fmt"
	"testing"

	"libcallkey/core/offer"
)

// If this failed, the host would send another call's offer.
func TestReleasedOffer(t *testing.T) {
	caller := openStore(t, false)
	var jids []string
	for i := range 10 {
		peer := openStore(t, false)
		jids = append(jids, fmt.Sprintf(calleeJID, i))
		begin(t, caller, peer, jids[i])
		if i%2 == 1 { // ciphertexts of two sizes
			acknowledge(t, caller, peer, jids[i])
		}
	}
	key := newKey(t)
	var kept []offer.Sealed
	var copies [][]byte
	for i := range 12 {
		sealed, err := offer.Seal(caller, key[:], jids[:1+i%len(jids)], &callOptions, -1)
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 {
			again := sealed
			sealed.Release()
			if sealed.Wire != nil {
				t.Error("a released offer has its memory")
			}
			next, err := offer.Seal(caller, key[:], jids[:3], &callOptions, -1)
			if err != nil {
				t.Fatal(err)
			}
			again.Release() // of what the next one has now
			kept, copies = append(kept, next), append(copies, bytes.Clone(next.Wire))
			continue
		}
		kept, copies = append(kept, sealed), append(copies, bytes.Clone(sealed.Wire))
	}
	for i, sealed := range kept {
		if !bytes.Equal(sealed.Wire, copies[i]) {
			t.Errorf("offer %d: another offer changed it", i)
		}
	}
}
