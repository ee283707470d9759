// The race detector's code is inlined less, so more is on the heap.
//go:build !race

package derive_test

import (
	"testing"

	"libcallkey/core/aes"
	"libcallkey/core/derive"
	"libcallkey/core/secret"
	"libcallkey/core/status"
)

// If this failed, secrets would be spread over the heap, each piece costing a
// microsecond inside secret.Do. One allocation per batch is the work that is spread.
func TestAllocations(t *testing.T) {
	if !aes.Available() {
		t.Skip("needs the processor's instructions for AES: crypto/aes allocates")
	}
	key := make([]byte, 32)
	var k derive.SRTPKeys
	var out [32]byte
	var hbh [30]byte
	var ssrcs [9]uint32
	many, statuses, participants := make([]derive.SRTPKeys, 8), make([]status.Code, 8), make([]string, 8)
	for i := range participants {
		participants[i] = peer
	}
	for _, c := range []struct {
		name string
		most float64
		call func()
	}{
		{"E2EKeys", 0, func() { derive.E2EKeys(&k, key, "222222222222222@lid") }},
		{"E2EKeysRaw", 0, func() { derive.E2EKeysRaw(&k, key, peer) }},
		{"E2EKeysBatch of 8", 1, func() { derive.E2EKeysBatch(many, statuses, key, participants) }},
		{"HBHKeys", 0, func() { derive.HBHKeys(&k, &hbh, derive.HBHSRTP) }},
		{"SFrameKey", 0, func() { derive.SFrameKey(&out, key, peer) }},
		{"WARPAuthKey", 0, func() { derive.WARPAuthKey(&out, key) }},
		{"SSRCs", 0, func() { derive.SSRCs(&ssrcs, "00112233445566778899AABBCCDDEEFF", peer) }},
	} {
		if n := testing.AllocsPerRun(100, c.call); n > c.most {
			t.Errorf("%s allocates %v times (erased by: %v)", c.name, n, secret.By)
		}
	}
}
