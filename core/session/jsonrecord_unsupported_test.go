//go:build without_libsignal

package session

import (
	"bytes"
	"strings"
	"testing"

	"libcallkey/core/session/sessiontest"
	"libcallkey/core/status"
)

// An app that moves from whatsmeow must learn that this build cannot take its sessions, and not that
// they are damaged.
func TestJSONRecordsAreUnsupported(t *testing.T) {
	a, b := twoAlone(t)
	passes(t, a, b)
	for _, record := range [][]byte{sessiontest.Parse(t, a.record).JSON(t), []byte("{}"), []byte("{"), []byte(`{"SessionState":7}`)} {
		given := bytes.Clone(record)
		r := NewRecord()
		err := r.Import(record, noon, nil)
		if status.Of(err) != status.Unsupported || !strings.Contains(err.Error(), "JSON") {
			t.Errorf("%.20q: %v", record, err)
		}
		if len(r.states()) != 0 || !bytes.Equal(record, given) {
			t.Errorf("%.20q left something, or was changed", record)
		}
		r.Release()
	}
}

// forms are the forms of a record that this build imports.
func forms(_ *testing.T, r *Record) map[string][]byte {
	return map[string][]byte{"protobuf": r.encode(nil, whole)}
}
