package stanza_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// The parser reuses the memory of what is for other devices. If this failed, a device would get
// another device's ciphertext, or the second choice of its own names.
func TestEveryDeviceOfALargeOffer(t *testing.T) {
	encs := manyEncs(300, 20, stanza.EncMsg)
	for i := range encs {
		binary.BigEndian.PutUint16(encs[i].Ciphertext, uint16(i))
	}
	wire := mustBuild(t, encs, callOptions())
	const stranger = "999:1@lid"
	for i := range encs {
		other := (i*7 + 31) % len(encs)
		for _, row := range []struct {
			own  []string
			want int
		}{
			{[]string{encs[i].JID}, i},
			{[]string{stranger, encs[i].JID, encs[other].JID}, i},
			{[]string{encs[other].JID, encs[other].JID, encs[i].JID}, other},
		} {
			_, got, err := stanza.ParseOffer(wire, row.own)
			if err != nil || !bytes.Equal(got, encs[row.want].Ciphertext) {
				t.Fatalf("%v reads %x, %v", row.own, got, err)
			}
		}
	}
	if _, _, err := stanza.ParseOffer(wire, []string{stranger}); status.Of(err) != status.NotForThisDevice {
		t.Errorf("a stranger reads %v", err)
	}
}
