package offer

import (
	"fmt"
	"testing"

	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// If this failed, an app would get a size that is too small, or larger than any call needs.
func TestSealedBody(t *testing.T) {
	if sealedBody != 64 { // 52 bytes of plaintext at most, with 1 to 16 of padding
		t.Errorf("a sealed key has up to %d bytes", sealedBody)
	}
}

// An offer can name as many devices as fit into a stanza.
func TestMostDevices(t *testing.T) {
	s, err := store.Open("", nil, store.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	key := make([]byte, 32)
	key[0] = 1
	jids := make([]string, stanza.MaxDevices+1)
	for i := range jids {
		jids[i] = fmt.Sprintf("%d:0@lid", i+1)
	}
	if sealed, err := Seal(s, key, jids, nil, -1); status.Of(err) != status.Argument || sealed.Statuses != nil {
		t.Errorf("one too many: %v", err)
	}
	sealed, err := Seal(s, key, jids[1:], nil, -1)
	if status.Of(err) != status.NoDevices || len(sealed.Statuses) != stanza.MaxDevices {
		t.Fatalf("as many as there may be: %v", err)
	}
	for i, code := range sealed.Statuses {
		if code != status.NoSession || sealed.EncTypes[i] != stanza.EncNone {
			t.Fatalf("device %d: %s", i, code.Name())
		}
	}
}
