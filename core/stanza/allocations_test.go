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
				"offer":     func() ([]byte, error) { return stanza.BuildOfferTo(nil, tos, o) },
				"key":       func() ([]byte, error) { return stanza.BuildKey(nil, tos, o.MultiDevice) },
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

// If this failed, an opened offer would make memory for each of its nodes again.
func TestReadingReusesItsMemory(t *testing.T) {
	wire := mustBuild(t, manyEncs(100, 260, stanza.EncMsg), callOptions())
	own := []string{"222222222222000:7@lid"}
	if n := testing.AllocsPerRun(100, func() { stanza.ParseOffer(wire, own) }); n > 15 { // without it, 21
		t.Errorf("%v allocations", n)
	}
}

// If this failed, one offer would be read with what another one said, which was read in the same
// memory before.
func TestReadingForgetsWhatItReadBefore(t *testing.T) {
	large := mustBuild(t, manyEncs(300, 20, stanza.EncMsg), callOptions())
	o := callOptions()
	o.Video, o.StanzaID, o.CallID, o.DeviceIdentity = true, "", "OTHER", []byte{9}
	small := mustBuild(t, []stanza.Enc{{Type: stanza.EncPkmsg, Ciphertext: []byte{7}}}, o)
	first, firstKey, err := stanza.ParseOffer(small, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, key, err := stanza.ParseOffer(large, []string{"222222222222001:9@lid"}); err != nil || len(key) != 20 {
			t.Fatal(key, err)
		}
		if _, _, err := stanza.ParseOffer(large[:len(large)-3], nil); err == nil {
			t.Fatal("one that is cut short is read")
		}
		if again, key, err := stanza.ParseOffer(small, nil); again != first || string(key) != string(firstKey) || err != nil {
			t.Fatalf("%+v, %x, %v, want %+v", again, key, err, first)
		}
	}
}
