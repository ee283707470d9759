package derive

import (
	"crypto/sha1"
	"fmt"
	"math/rand/v2"
	"testing"

	"libcallkey/core/kdf"
	"libcallkey/tests/ctime"
)

// Would the time tell which of eight devices answered? One class is the packet of the
// first, the other that of any.
func BenchmarkTimingSelect(b *testing.B) {
	key := make([]byte, 32)
	ctime.Noise(key)
	var participants []string
	for device := range 8 {
		participants = append(participants, fmt.Sprintf("222222222222222:%d@lid", device))
	}
	// The packet is a header and 28 bytes; its tag is the first participant's, or another's.
	packet := make([]byte, 40)
	packet[0] = 0x80
	var packets [8][]byte
	for i, participant := range participants {
		var prk [kdf.Size]byte
		var authKey, sum [sha1.Size]byte
		var extracted kdf.Key
		kdf.Extract(&prk, nil, key)
		extracted.Set(prk[:])
		id, err := ParticipantID(participant)
		if err != nil {
			b.Fatal(err)
		}
		srtpAuthKey(&authKey, &extracted, []byte(id))
		computed := newPacketTag(packet, 0)
		computed.under(authKey[:], &sum)
		packets[i] = append(append([]byte(nil), packet...), sum[:10]...)
	}
	first := func(input []byte) { copy(input, packets[0]) }
	anyone := func(input []byte) { copy(input, packets[rand.IntN(8)]) }
	ctime.Compare(b, 50, 1, first, anyone, func(input []byte) {
		if _, err := SelectParticipant(key, participants, input, 0, 10); err != nil {
			b.Fatal(err)
		}
	})
}
