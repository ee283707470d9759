package derive_test

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"libcallkey/core/derive"
	"libcallkey/core/status"
	"libcallkey/testdata/vectors"
)

// dirty fills an output before a call that must overwrite all of it.
func dirty() derive.SRTPKeys {
	var k derive.SRTPKeys
	for _, member := range members(&k) {
		for i := range member {
			member[i] = 0xa5
		}
	}
	return k
}

// members are the parts of k in the order of the C contract.
func members(k *derive.SRTPKeys) [][]byte {
	return [][]byte{
		k.MasterKey[:], k.MasterSalt[:],
		k.SRTPCipherKey[:], k.SRTPAuthKey[:], k.SRTPSalt[:],
		k.SRTCPCipherKey[:], k.SRTCPAuthKey[:], k.SRTCPSalt[:],
	}
}

var memberNames = []string{
	"master_key", "master_salt",
	"srtp_cipher_key", "srtp_auth_key", "srtp_salt",
	"srtcp_cipher_key", "srtcp_auth_key", "srtcp_salt",
}

func flat(k *derive.SRTPKeys) []byte { return slices.Concat(members(k)...) }

// checkStatus ends the test if err is not what the case expects, and tells whether the
// case expects success.
func checkStatus(t *testing.T, c vectors.Case, err error) bool {
	t.Helper()
	want := c.Error
	if want == "" {
		want = "CALLKEY_OK"
	}
	if got := status.Of(err).Name(); got != want {
		t.Fatalf("got %s (%v), want %s", got, err, want)
	}
	return c.Error == ""
}

// checkSRTPKeys holds got against the case: every member if the case is ours, those it
// knows if it has a source, zeros if it expects a failure.
func checkSRTPKeys(t *testing.T, c vectors.Case, got *derive.SRTPKeys, err error) {
	t.Helper()
	if !checkStatus(t, c, err) {
		if *got != (derive.SRTPKeys{}) {
			t.Error("keys are left in the output of a failed call")
		}
		return
	}
	compared := 0
	for i, member := range members(got) {
		if c.Source != "" && !c.Out.Has(memberNames[i]+"_hex") {
			continue
		}
		compared++
		if want := c.Out.Hex(t, memberNames[i]); !bytes.Equal(member, want) {
			t.Errorf("%s is %x, want %x", memberNames[i], member, want)
		}
	}
	if compared == 0 {
		t.Error("the case knows no output")
	}
}

// unchanged fails the test if input changes after this call.
func unchanged(t *testing.T, input []byte) func() {
	before := bytes.Clone(input)
	return func() {
		t.Helper()
		if !bytes.Equal(input, before) {
			t.Error("an input was modified")
		}
	}
}

// If this failed, two spellings of one device would have different keys, or two devices the same.
func TestParticipantID(t *testing.T) {
	vectors.Each(t, "callkey_participant_id", func(t *testing.T, c vectors.Case) {
		got, err := derive.ParticipantID(c.In.Text(t, "jid"))
		want := ""
		if checkStatus(t, c, err) {
			want = c.Out.Text(t, "participant_id")
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// If this failed, the audio of a call would be noise.
func TestE2EKeys(t *testing.T) {
	vectors.Each(t, "callkey_derive_e2e_keys", func(t *testing.T, c vectors.Case) {
		key := c.In.Hex(t, "key")
		defer unchanged(t, key)()
		got := dirty()
		err := derive.E2EKeys(&got, key, c.In.Text(t, "participant"))
		checkSRTPKeys(t, c, &got, err)
	})
}

// If this failed, a call with a raw_e2e would be noise.
func TestE2EKeysRaw(t *testing.T) {
	vectors.Each(t, "callkey_derive_e2e_keys_raw", func(t *testing.T, c vectors.Case) {
		raw := c.In.Hex(t, "raw_e2e")
		defer unchanged(t, raw)()
		got := dirty()
		err := derive.E2EKeysRaw(&got, raw, c.In.Text(t, "participant"))
		checkSRTPKeys(t, c, &got, err)
	})
}

// If this failed, one bad participant would spoil the others' keys, or go unnoticed.
func TestE2EKeysBatch(t *testing.T) {
	vectors.Each(t, "callkey_derive_e2e_keys_batch", func(t *testing.T, c vectors.Case) {
		key, participants := c.In.Hex(t, "key"), c.In.Texts(t, "participants")
		defer unchanged(t, key)()
		out := make([]derive.SRTPKeys, len(participants))
		statuses := make([]status.Code, len(participants))
		for i := range out {
			out[i], statuses[i] = dirty(), 99
		}
		err := derive.E2EKeysBatch(out, statuses, key, participants)
		wantStatuses, wantKeys := slices.Repeat([]string{c.Error}, len(out)), make([]string, 0)
		if checkStatus(t, c, err) {
			wantStatuses, wantKeys = c.Out.Texts(t, "statuses"), c.Out.Texts(t, "keys_hex")
			if len(wantKeys) != len(out) {
				t.Fatalf("the case has %d keys for %d participants", len(wantKeys), len(out))
			}
		}
		for i := range out {
			if statuses[i].Name() != wantStatuses[i] {
				t.Errorf("status %d is %s, want %s", i, statuses[i].Name(), wantStatuses[i])
			}
			want := derive.SRTPKeys{}
			if c.Error == "" {
				copyHex(t, &want, wantKeys[i])
			}
			if out[i] != want {
				t.Errorf("keys %d are %x, want %x", i, flat(&out[i]), flat(&want))
			}
		}
	})
}

// If this failed, SFrame frames would not open.
func TestSFrameKey(t *testing.T) {
	vectors.Each(t, "callkey_derive_e2e_sframe_key", func(t *testing.T, c vectors.Case) {
		key := c.In.Hex(t, "key")
		defer unchanged(t, key)()
		got := [32]byte{1, 31: 1}
		err := derive.SFrameKey(&got, key, c.In.Text(t, "participant"))
		check32(t, c, &got, err, "sframe_key")
	})
}

// If this failed, the peer would reject WARP messages.
func TestWARPAuthKey(t *testing.T) {
	vectors.Each(t, "callkey_derive_warp_auth_key", func(t *testing.T, c vectors.Case) {
		key := c.In.Hex(t, "key")
		defer unchanged(t, key)()
		got := [32]byte{1, 31: 1}
		err := derive.WARPAuthKey(&got, key)
		check32(t, c, &got, err, "warp_auth_key")
	})
}

func check32(t *testing.T, c vectors.Case, got *[32]byte, err error, name string) {
	t.Helper()
	want := make([]byte, 32)
	if checkStatus(t, c, err) {
		want = c.Out.Hex(t, name)
	}
	if !bytes.Equal(got[:], want) {
		t.Errorf("got %x, want %x", *got, want)
	}
}

// If this failed, a tool would call genuine packets of a capture forged.
func TestWARPTag(t *testing.T) {
	vectors.Each(t, "callkey_warp_tag", func(t *testing.T, c vectors.Case) {
		key, packet := c.In.Hex(t, "auth_key"), c.In.Hex(t, "packet")
		defer unchanged(t, key)()
		defer unchanged(t, packet)()
		got := [4]byte{1, 1, 1, 1}
		err := derive.WARPTag(&got, key, packet, c.In.Number(t, "roc"))
		want := make([]byte, 4)
		if checkStatus(t, c, err) {
			want = c.Out.Hex(t, "tag")
		}
		if !bytes.Equal(got[:], want) {
			t.Errorf("got %x, want %x", got, want)
		}
	})
}

// If this failed, the relay would drop what the client sends.
func TestHBHKeys(t *testing.T) {
	vectors.Each(t, "callkey_derive_hbh_keys", func(t *testing.T, c vectors.Case) {
		hbhKey := [30]byte(c.In.Hex(t, "hbh_key"))
		defer unchanged(t, hbhKey[:])()
		got := dirty()
		err := derive.HBHKeys(&got, &hbhKey, derive.HBH(c.In.Number(t, "which")))
		checkSRTPKeys(t, c, &got, err)
	})
}

// If this failed, the peer would not recognise the streams.
func TestSSRCs(t *testing.T) {
	vectors.Each(t, "callkey_derive_ssrcs", func(t *testing.T, c vectors.Case) {
		got := [9]uint32{1, 8: 1}
		err := derive.SSRCs(&got, c.In.Text(t, "call_id"), c.In.Text(t, "participant"))
		if !checkStatus(t, c, err) {
			if got != [9]uint32{} {
				t.Error("numbers are left in the output of a failed call")
			}
			return
		}
		want := c.Out.Numbers(t, "ssrcs")
		if c.Source == "" && len(want) != 9 || len(want) == 0 {
			t.Fatalf("the case has %d numbers", len(want))
		}
		if !reflect.DeepEqual(got[:len(want)], want) {
			t.Errorf("got %d, want %d", got, want)
		}
	})
}

// If this failed, an app would derive keys for a device that did not answer, or for none.
func TestSelectParticipant(t *testing.T) {
	vectors.Each(t, "callkey_select_participant", func(t *testing.T, c vectors.Case) {
		key, packet := c.In.Hex(t, "key"), c.In.Hex(t, "rtp_packet")
		defer unchanged(t, key)()
		defer unchanged(t, packet)()
		tagLen := int(min(c.In.Number(t, "tag_len"), 1<<16))
		got, err := derive.SelectParticipant(key, c.In.Texts(t, "participants"), packet, c.In.Number(t, "roc"), tagLen)
		want := 0
		if checkStatus(t, c, err) {
			want = int(c.Out.Number(t, "index"))
		}
		if got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	})
}

// If this failed, the two ends would take different secrets out of one raw_e2e.
func TestDecodeRawE2E(t *testing.T) {
	vectors.Each(t, "callkey_raw_e2e_decode", func(t *testing.T, c vectors.Case) {
		content := c.In.Hex(t, "content")
		defer unchanged(t, content)()
		got, err := derive.DecodeRawE2E(content)
		if !checkStatus(t, c, err) {
			if got != nil {
				t.Error("a failed call returned bytes")
			}
			return
		}
		if want := c.Out.Hex(t, "raw_e2e"); !bytes.Equal(got, want) {
			t.Errorf("got %x, want %x", got, want)
		}
		clear(got) // must not reach the input
	})
}
