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

// If this failed, an import would replace a good session by rows that do not decode.
func TestImportWithoutAKey(t *testing.T) {
	for name, remove := range map[string]func(s *state){
		"sending chain":       func(s *state) { s.sender.chain.key = [32]byte{} },
		"newest chain":        func(s *state) { s.newest().chain.key = [32]byte{} },
		"older chain":         func(s *state) { s.receivers[0].chain.key = [32]byte{} },
		"root":                func(s *state) { s.root = [32]byte{} },
		"peer's ratchet key":  func(s *state) { s.receivers[0].ratchet = [32]byte{} },
		"own identity key":    func(s *state) { s.localIdentity = [32]byte{} },
		"private ratchet key": func(s *state) { s.sender.private = [32]byte{} },
	} {
		a, b := twoAlone(t)
		passes(t, a, b)
		passes(t, b, a)
		for where, archived := range map[string]bool{"current": false, "archived": true} {
			r := a.decoded(t)
			bad := r.current
			if archived {
				other := bad.clone(nil)
				other.baseKey[7] ^= 1
				r.current, r.archived = other, []*state{bad}
			}
			remove(bad)
			for form, encoded := range forms(t, r) {
				if err := new(Record).Import(encoded, noon, nil); status.Of(err) != status.Malformed {
					t.Errorf("%s, %s, %s: %v", name, where, form, err)
				}
			}
		}
	}
}
