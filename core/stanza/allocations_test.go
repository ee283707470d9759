package stanza_test

import (
	"strings"
	"testing"

	"libcallkey/core/stanza"
)

// If this failed, the memory for a stanza would be too small for it, and a call would pay for it
// twice, or building would make other memory besides: up to 128 devices there is none.
func TestBuildingAllocatesTheStanzaOnly(t *testing.T) {
	long := strings.Repeat("x", stanza.MaxTextBytes)
	user := func(server string) string { return strings.Repeat("x", stanza.MaxTextBytes-len(server)) + server }
	longest := &stanza.OfferOptions{
		Video: true, MultiDevice: true, StanzaID: long, To: user("@hosted.lid"), CallID: long, CallCreator: user("@hosted.lid"),
		VideoEnc: long, VideoDec: long, VideoWidth: 4294967295, VideoHeight: 4294967295, VideoDeviceOrientation: 4294967295,
		Capability: make([]byte, 256), PrivacyToken: make([]byte, 256), DeviceIdentity: make([]byte, 256),
	}
	shortest := &stanza.OfferOptions{To: "g@call", CallID: "x", CallCreator: "x@lid", DeviceIdentity: []byte{1}}
	video := &stanza.OfferOptions{Video: true, To: "g@call", CallID: "x", CallCreator: "x@lid", DeviceIdentity: []byte{1}}
	for name, encs := range map[string][]stanza.Enc{
		"one":                  {{JID: "1@lid", Type: stanza.EncPkmsg, Ciphertext: []byte{1}}},
		"one with a long name": {{JID: user(":255@hosted.lid"), Type: stanza.EncPkmsg, Ciphertext: make([]byte, 256)}},
		"a first device":       {{JID: user("@hosted.lid"), Type: stanza.EncPkmsg, Ciphertext: make([]byte, 256)}},
		"128":                  manyEncs(128, 256, stanza.EncPkmsg),
	} {
		var tos []stanza.To
		for _, e := range encs {
			tos = append(tos, to(t, e))
		}
		for _, o := range []*stanza.OfferOptions{longest, shortest, video} {
			for what, build := range map[string]func() ([]byte, error){
				"offer":     func() ([]byte, error) { return stanza.BuildOfferTo(tos, o) },
				"key":       func() ([]byte, error) { return stanza.BuildKey(tos, o.MultiDevice) },
				"enc_rekey": func() ([]byte, error) { return stanza.BuildRekey(encs[0], 4294967295, o) },
			} {
				var err error
				if n := testing.AllocsPerRun(20, func() { _, err = build() }); n > 1 || err != nil {
					t.Errorf("%s for %s: %v allocations, %v", what, name, n, err)
				}
			}
		}
	}
}
