//go:build !without_libsignal

package session

import (
	"strings"
	"testing"

	libmessage "go.mau.fi/libsignal/keys/message"
	librecord "go.mau.fi/libsignal/state/record"

	"libcallkey/core/session/sessiontest"
	"libcallkey/core/status"
)

// Four megabytes hold a million keys without a byte in them. If each were kept for a while,
// the import would take ten seconds.
func TestJSONOfManyKeys(t *testing.T) {
	from := &librecord.StateStructure{
		SessionVersion: version3,
		SenderChain:    &librecord.ChainStructure{},
		ReceiverChains: []*librecord.ChainStructure{{}},
	}
	empty := &libmessage.KeysStructure{}
	for range maxRecordBytes / len("{},") {
		from.ReceiverChains[0].MessageKeys = append(from.ReceiverChains[0].MessageKeys, empty)
		from.ReceiverChains = append(from.ReceiverChains, &librecord.ChainStructure{})
	}
	from.ReceiverChains = append(from.ReceiverChains, from.ReceiverChains[0])
	// Its allocations show its work, on any machine.
	allocated := testing.AllocsPerRun(1, func() {
		if err := new(state).fromStructure(from, noon); status.Of(err) != status.Malformed {
			t.Fatalf("%v", err)
		}
	})
	if allocated > 10*maxSkipped { // the whole record would be 20 million
		t.Fatalf("it allocated %v times", allocated)
	}
}

func TestJSONOverFourMegabytes(t *testing.T) {
	text := []byte("{" + strings.Repeat(" ", maxRecordBytes) + "}")
	if err := NewRecord().Import(text, noon, nil); status.Of(err) != status.Malformed || !strings.Contains(err.Error(), "4 MiB") {
		t.Errorf("%v", err)
	}
}

// forms are the forms of a record that this build imports.
func forms(t *testing.T, r *Record) map[string][]byte {
	encoded := r.encode(nil, whole)
	return map[string][]byte{"protobuf": encoded, "JSON": sessiontest.Parse(t, encoded).JSON(t)}
}
