package stanza_test

import (
	"encoding/hex"
	"testing"

	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/testdata/vectors"
)

// If this failed, an offer would have other bytes than the ones that clients write.
func TestBuildVectors(t *testing.T) {
	vectors.Each(t, "callkey_offer_build", func(t *testing.T, c vectors.Case) {
		jids, ciphertexts := c.In.Texts(t, "jids"), c.In.Texts(t, "ciphertexts_hex")
		encs := make([]stanza.Enc, len(jids))
		for i, kind := range c.In.Numbers(t, "enc_types") {
			ciphertext, err := hex.DecodeString(ciphertexts[i])
			if err != nil {
				t.Fatal(err)
			}
			encs[i] = stanza.Enc{JID: jids[i], Type: stanza.EncType(kind), Ciphertext: ciphertext}
		}
		wire, err := stanza.BuildOffer(encs, optionsOf(t, c.In))
		wantStanza(t, c, wire, err)
	})
}

// If this failed, a group's members would not read the epoch that an app sealed for them.
func TestRekeyVectors(t *testing.T) {
	vectors.Each(t, "callkey_rekey_build", func(t *testing.T, c vectors.Case) {
		enc := stanza.Enc{JID: c.In.Text(t, "jid"), Type: stanza.EncType(c.In.Number(t, "enc_type")), Ciphertext: c.In.Hex(t, "ciphertext")}
		wire, err := stanza.BuildRekey(enc, c.In.Number(t, "transaction_id"), optionsOf(t, c.In))
		wantStanza(t, c, wire, err)
	})
}

func wantStanza(t *testing.T, c vectors.Case, wire []byte, err error) {
	t.Helper()
	if c.Error != "" {
		if got := status.Of(err).Name(); got != c.Error || wire != nil {
			t.Errorf("%x, %v, want %s", wire, err, c.Error)
		}
		return
	}
	if got, want := hex.EncodeToString(wire), hex.EncodeToString(c.Out.Hex(t, "stanza")); err != nil || got != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
}

// optionsOf returns the options of a case; nil if it has none.
func optionsOf(t *testing.T, in vectors.Values) *stanza.OfferOptions {
	t.Helper()
	if !in.Has("call_id") {
		return nil
	}
	var o stanza.OfferOptions
	for name, text := range map[string]*string{
		"stanza_id": &o.StanzaID, "to": &o.To, "call_id": &o.CallID, "call_creator": &o.CallCreator,
		"video_enc": &o.VideoEnc, "video_dec": &o.VideoDec,
	} {
		if in.Has(name) {
			*text = in.Text(t, name)
		}
	}
	var flags uint32
	for name, number := range map[string]*uint32{
		"flags": &flags, "video_width": &o.VideoWidth, "video_height": &o.VideoHeight,
		"video_device_orientation": &o.VideoDeviceOrientation,
	} {
		if in.Has(name) {
			*number = in.Number(t, name)
		}
	}
	o.Video, o.MultiDevice = flags&1 != 0, flags&2 != 0
	for name, blob := range map[string]*[]byte{
		"capability": &o.Capability, "privacy_token": &o.PrivacyToken, "device_identity": &o.DeviceIdentity,
	} {
		if in.Has(name + "_hex") {
			*blob = in.Hex(t, name)
		}
	}
	return &o
}
