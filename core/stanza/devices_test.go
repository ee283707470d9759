package stanza_test

import (
	"fmt"
	"testing"

	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// If this failed, a device would be in an offer twice and could not read it, or an offer to different
// devices would be rejected.
func TestOneDeviceTwice(t *testing.T) {
	for _, n := range []int{2, 3, 127, 128, 129, 255, 256, 257, stanza.MaxDevices} {
		encs := manyEncs(n, 1, stanza.EncMsg)
		mustBuild(t, encs, nil)
		for _, other := range []int{0, (n - 1) / 2, n - 2} {
			last := encs[n-1]
			encs[n-1].JID = encs[other].JID
			_, err := stanza.BuildOffer(encs, nil)
			if want := fmt.Sprintf("encs[%d] and encs[%d] are for the same device", other, n-1); status.Of(err) != status.Argument || err.Error() != want {
				t.Errorf("%d devices: %v, want %s", n, err, want)
			}
			encs[n-1] = last
		}
		mustBuild(t, encs, nil)
	}
	// One user has other devices on each server, but c.us is s.whatsapp.net.
	jids := []string{"1@s.whatsapp.net", "1@lid", "1@hosted", "1@hosted.lid", "1:1@lid", "1:2@lid"}
	encs := make([]stanza.Enc, len(jids))
	for i, jid := range jids {
		encs[i] = stanza.Enc{JID: jid, Type: stanza.EncMsg, Ciphertext: []byte{1}}
	}
	mustBuild(t, encs, nil)
	encs[5].JID = "1@c.us"
	_, err := stanza.BuildOffer(encs, nil)
	wantStatus(t, "c.us", err, status.Argument)
}
