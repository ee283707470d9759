package offer_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// record is a store's session with a device, and the identity key that it trusts.
func record(t *testing.T, s *store.Store, jid string) []byte {
	t.Helper()
	encoded, err := signal.Export(s, addressOf(t, jid))
	if err != nil {
		t.Fatal(err)
	}
	identity, err := signal.IdentityOf(s, addressOf(t, jid))
	if err != nil {
		t.Fatal(err)
	}
	return append(encoded, identity[:]...)
}

// One device of the callee was reinstalled. A server that claims this of a device must not get
// the key of the call, the other devices must ring, and when the user accepts the change the
// device rings again.
func TestIdentityChangeOfOneDevice(t *testing.T) {
	for _, file := range []bool{false, true} {
		t.Run(fmt.Sprintf("file=%v", file), func(t *testing.T) {
			caller := openStore(t, file)
			var devices []*store.Store
			var jids []string
			for i := range 3 {
				devices = append(devices, openStore(t, file))
				jids = append(jids, fmt.Sprintf(calleeJID, i))
				begin(t, caller, devices[i], jids[i])
			}
			call := func(want ...status.Code) {
				t.Helper()
				key := newKey(t)
				sealed, err := offer.Seal(caller, key[:], jids, &callOptions, -1)
				if err != nil {
					t.Fatal(err)
				}
				for i := range devices {
					if sealed.Statuses[i] != want[i] {
						t.Fatalf("device %d: %s, want %s", i, sealed.Statuses[i].Name(), want[i].Name())
					}
					var opened [callkey.Bytes]byte
					info, err := offer.Open(devices[i], &opened, sealed.Wire, jids[i:i+1], "")
					if want[i] == status.OK && (err != nil || opened != key) || want[i] != status.OK && status.Of(err) != status.NotForThisDevice {
						t.Fatalf("device %d: %v, info %+v", i, err, info)
					}
				}
			}
			call(status.OK, status.OK, status.OK)

			devices[1] = openStore(t, file)
			bundle, err := signal.TakeBundle(devices[1])
			if err != nil {
				t.Fatal(err)
			}
			begin(t, devices[1], caller, callerJID)
			key := newKey(t)
			ciphertext, kind, err := offer.SealEnc(devices[1], callerJID, key[:], -1)
			if err != nil {
				t.Fatal(err)
			}
			// Its first message and its bundle are rejected, and nothing changes.
			before := record(t, caller, jids[1])
			var opened [callkey.Bytes]byte
			wantStatus(t, offer.OpenEnc(caller, &opened, jids[1], kind, 2, ciphertext), status.UntrustedIdentity)
			wantStatus(t, signal.Begin(caller, addressOf(t, jids[1]), &bundle), status.UntrustedIdentity)
			if opened != [callkey.Bytes]byte{} || !bytes.Equal(before, record(t, caller, jids[1])) {
				t.Fatal("a message of another identity changed something")
			}
			// The app accepts it. The old session is not the device's any more.
			if err := signal.Trust(caller, addressOf(t, jids[1]), &bundle.IdentityKey); err != nil {
				t.Fatal(err)
			}
			before = record(t, caller, jids[1])
			_, _, err = offer.SealEnc(caller, jids[1], key[:], -1)
			wantStatus(t, err, status.UntrustedIdentity)
			call(status.OK, status.UntrustedIdentity, status.OK)
			if !bytes.Equal(before, record(t, caller, jids[1])) {
				t.Fatal("a refused device's session moved")
			}
			// The rejection did not use up its first message.
			if err := offer.OpenEnc(caller, &opened, jids[1], kind, 2, ciphertext); err != nil || opened != key {
				t.Fatalf("after identity_trust: %v", err)
			}
			call(status.OK, status.OK, status.OK)
		})
	}
}

// The server delivers an offer again, also after the app was restarted. The app must learn
// which call it is, to find the key that it already has.
func TestRedelivery(t *testing.T) {
	caller := openStore(t, false)
	jid := fmt.Sprintf(calleeJID, 1)
	path := filepath.Join(t.TempDir(), "store")
	reopen := func() *store.Store {
		s, err := signal.OpenStore(path, storageKey, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := reopen()
	begin(t, caller, s, jid)
	for _, kind := range []string{"pkmsg", "msg"} {
		key := newKey(t)
		sealed, err := offer.Seal(caller, key[:], []string{jid}, &callOptions, -1)
		if err != nil || sealed.EncTypes[0].String() != kind {
			t.Fatalf("%v, %s", err, sealed.EncTypes[0])
		}
		var opened [callkey.Bytes]byte
		want, err := offer.Open(s, &opened, sealed.Wire, []string{jid}, "")
		if err != nil || opened != key || want.CallID != callOptions.CallID || want.Sender != callerJID {
			t.Fatalf("%v, info %+v", err, want)
		}
		for range 2 {
			for range 2 {
				info, err := offer.Open(s, &opened, sealed.Wire, []string{jid}, "")
				wantStatus(t, err, status.Duplicate)
				if info != want || opened != [callkey.Bytes]byte{} {
					t.Fatalf("a redelivered %s: info %+v", kind, info)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = reopen()
		}
		answer, encType, err := offer.SealEnc(s, callerJID, key[:], -1)
		if err == nil {
			err = offer.OpenEnc(caller, &opened, jid, encType, 2, answer)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
}
