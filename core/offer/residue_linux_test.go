// The race detector has a shadow of the memory that is too large to search.
//go:build !race

package offer_test

import (
	"fmt"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/secret/secrettest"
	"libcallkey/core/store"
)

// A call key that stays on the heap after it was sealed or opened is in the next core dump.
func TestNothingIsLeftOfCallKeys(t *testing.T) {
	s := secrettest.NewSearch(t)
	if s == nil {
		return
	}
	caller := openStore(t, true)
	var devices []*store.Store
	var jids []string
	for i := range 2*store.Batch + 3 {
		devices = append(devices, openStore(t, false))
		jids = append(jids, fmt.Sprintf(calleeJID, i))
		begin(t, caller, devices[i], jids[i])
	}
	jids = append(jids, jids[0], "999:9@lid") // named twice, without a session
	newSecret := func(name string) []byte {
		key := secrettest.Random(callkey.Bytes)
		s.For(name, key)
		return key
	}
	out := (*[callkey.Bytes]byte)(secrettest.Random(callkey.Bytes))
	opens := func(want []byte, err error) {
		t.Helper()
		if err != nil || string(out[:]) != string(want) {
			t.Errorf("opened: %v", err)
		}
		clear(out[:])
	}

	key := newSecret("the key of an offer")
	sealed, err := offer.Seal(caller, key, jids, &callOptions, -1)
	if err != nil {
		t.Fatal(err)
	}
	for i, device := range devices {
		_, err := offer.Open(device, out, sealed.Wire, []string{jids[i]}, "")
		opens(key, err)
		if _, err := offer.Open(device, out, sealed.Wire, []string{jids[i]}, ""); err == nil {
			t.Error("it opened twice")
		}
	}
	clear(key)
	for i := range 3 {
		enc := newSecret("the key of an enc")
		ciphertext, kind, err := offer.SealEnc(caller, jids[i], enc, -1)
		if err != nil {
			t.Fatal(err)
		}
		opens(enc, offer.OpenEnc(devices[i], out, callerJID, kind, 2, ciphertext))
		if _, _, err := offer.SealEnc(caller, jids[i], enc, 1); err == nil {
			t.Error("one byte was room enough")
		}
		clear(enc)
		epoch := newSecret("an epoch")
		wire, err := offer.SealRekey(caller, jids[i], epoch, 7, &callOptions, -1)
		if err != nil {
			t.Fatal(err)
		}
		_, err = offer.OpenRekey(devices[i], out, wire, "")
		opens(epoch, err)
		clear(epoch)
	}
	for _, device := range append(devices, caller) {
		device.Close()
	}
	if left := s.Left(); left != nil {
		t.Errorf("left are %q", left)
	}
}
