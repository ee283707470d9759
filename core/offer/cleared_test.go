package offer_test

import (
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// An app that overlooks an error must not continue with the old key in its memory: the one
// of another call.
func TestRefusedCallsClearTheKey(t *testing.T) {
	s := openStore(t, false)
	for name, c := range map[string]struct {
		call func(out *[callkey.Bytes]byte) error
		want status.Code
	}{
		"OpenEnc, the jid": {func(out *[callkey.Bytes]byte) error {
			return offer.OpenEnc(s, out, "nobody", stanza.EncMsg, 2, []byte{1})
		}, status.Argument},
		"OpenEnc, the type": {func(out *[callkey.Bytes]byte) error { return offer.OpenEnc(s, out, memberJID, 3, 2, []byte{1}) }, status.Unsupported},
		"OpenEnc, the version": {func(out *[callkey.Bytes]byte) error {
			return offer.OpenEnc(s, out, memberJID, stanza.EncMsg, 1, []byte{1})
		}, status.Unsupported},
		"OpenEnc, the ciphertext": {func(out *[callkey.Bytes]byte) error { return offer.OpenEnc(s, out, memberJID, stanza.EncMsg, 2, nil) }, status.Malformed},
		"Open, the stanza": {func(out *[callkey.Bytes]byte) error {
			_, err := offer.Open(s, out, nil, []string{memberJID}, "")
			return err
		}, status.Malformed},
		"Open, the sender": {func(out *[callkey.Bytes]byte) error {
			_, err := offer.Open(s, out, nil, []string{memberJID}, "nobody")
			return err
		}, status.Argument},
		"OpenRekey, the stanza": {func(out *[callkey.Bytes]byte) error { _, err := offer.OpenRekey(s, out, nil, ""); return err }, status.Malformed},
		"OpenRekey, the sender": {func(out *[callkey.Bytes]byte) error { _, err := offer.OpenRekey(s, out, nil, "nobody"); return err }, status.Argument},
	} {
		out := newKey(t)
		if err := c.call(&out); status.Of(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want.Name())
		}
		if out != [callkey.Bytes]byte{} {
			t.Errorf("%s: the key of before is still there", name)
		}
	}
}
