//go:build without_libsignal

package signal

import (
	"testing"

	"libcallkey/core/session/sessiontest"
	"libcallkey/core/status"
)

// A build that cannot read another library's record must leave the sessions that the store has.
func TestImportOfJSONIsUnsupported(t *testing.T) {
	a, b := twoDevices(t)
	passes(t, a, b)
	passes(t, b, a)
	before, err := Export(a.store, a.peer)
	if err != nil {
		t.Fatal(err)
	}
	text := sessiontest.Parse(t, before).JSON(t)
	for _, to := range []*ours{a, newOurs(t)} {
		if err := Import(to.store, to.peer, text); status.Of(err) != status.Unsupported {
			t.Errorf("it is %v", err)
		}
		switch after, err := Export(to.store, to.peer); {
		case to == a && string(after) != string(before):
			t.Errorf("the session became another one: %v", err)
		case to != a && status.Of(err) != status.NoSession:
			t.Errorf("the import left something: %v", err)
		}
	}
	passes(t, a, b)
}
