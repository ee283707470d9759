package stanza_test

import (
	"strings"
	"testing"

	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

func to(t testing.TB, e stanza.Enc) stanza.To {
	t.Helper()
	written, err := stanza.NewTo(e)
	if err != nil {
		t.Fatal(err)
	}
	return written
}

// If a lone survivor of several devices went out bare, no device would know that the key
// is for it; and the parser must accept every built stanza.
func TestBuildKey(t *testing.T) {
	enc := stanza.Enc{JID: "222222222222222:3@lid", Type: stanza.EncMsg, Ciphertext: []byte("ciphertext")}
	for _, several := range []bool{false, true} {
		wire, err := stanza.BuildKey(nil, []stanza.To{to(t, enc)}, several)
		if err != nil {
			t.Fatal(err)
		}
		xml, err := stanza.XML(wire)
		if err != nil || strings.HasPrefix(xml, "<destination") != several {
			t.Fatalf("several devices %v: %v\n%s", several, err, xml)
		}
		if _, got, err := stanza.ParseOffer(wire, []string{enc.JID}); err != nil || string(got) != "ciphertext" {
			t.Fatalf("%v: %q", err, got)
		}
	}
	if _, err := stanza.BuildKey(nil, nil, true); status.Of(err) != status.NoDevices {
		t.Fatal(err)
	}
	for n := stanza.MaxBytes - 64; n < stanza.MaxBytes; n++ {
		enc.Ciphertext = make([]byte, n)
		wire, err := stanza.BuildKey(nil, []stanza.To{to(t, enc)}, true)
		if err == nil && len(wire) > stanza.MaxBytes || err != nil && status.Of(err) != status.Argument {
			t.Fatalf("%d bytes of ciphertext: %d bytes, %v", n, len(wire), err)
		}
	}
}
