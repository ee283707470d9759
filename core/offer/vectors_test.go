package offer_test

import (
	"bytes"
	"testing"

	"libcallkey/core/offer"
	"libcallkey/core/status"
	"libcallkey/testdata/vectors"
)

// If this failed, a stanza would mean another thing here than in docs/protocol.md.
func TestParseVectors(t *testing.T) {
	vectors.Each(t, "callkey_offer_parse", func(t *testing.T, c vectors.Case) {
		info, ciphertext, err := offer.Parse(c.In.Hex(t, "stanza"), c.In.Texts(t, "own_jids"))
		if got, want := status.Of(err).Name(), c.Out.Text(t, "status"); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
		if want := c.Out.Hex(t, "ciphertext"); !bytes.Equal(ciphertext, want) {
			t.Errorf("ciphertext %x, want %x", ciphertext, want)
		}
		var flags uint32
		for bit, set := range []bool{info.Video, info.Group, info.Accept} {
			if set {
				flags |= 1 << bit
			}
		}
		for name, got := range map[string]uint32{
			"kind": uint32(info.Kind), "keygen": info.Keygen, "enc_type": uint32(info.EncType), "enc_version": info.EncVersion,
			"flags": flags, "transaction_id": info.TransactionID,
		} {
			if want := c.Out.Number(t, name); got != want {
				t.Errorf("%s %d, want %d", name, got, want)
			}
		}
		for name, got := range map[string]string{
			"call_id": info.CallID, "call_creator": info.CallCreator, "from": info.From, "sender": info.Sender,
		} {
			if want := c.Out.Text(t, name); got != want {
				t.Errorf("%s %q, want %q", name, got, want)
			}
		}
	})
}
