package offer_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

const (
	callerJID = "111111111111111:2@lid"
	calleeJID = "222222222222222:%d@lid"
)

var storageKey = bytes.Repeat([]byte{7}, store.StorageKeyBytes)

var callOptions = stanza.OfferOptions{
	StanzaID: "1", To: "222222222222222@lid", CallID: "00112233445566778899AABBCCDDEEFF",
	CallCreator: callerJID, DeviceIdentity: []byte("device identity"),
}

func openStore(t testing.TB, file bool) *store.Store {
	t.Helper()
	var s *store.Store
	var err error
	if file {
		s, err = signal.OpenStore(filepath.Join(t.TempDir(), "store"), storageKey, store.Options{})
	} else {
		s, err = signal.OpenStore("", nil, store.Options{Memory: true})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func addressOf(t testing.TB, jid string) signal.Address {
	t.Helper()
	j, err := stanza.ParseJID(jid)
	if err != nil {
		t.Fatal(err)
	}
	name, device := j.Address()
	return signal.Address{Name: name, Device: device}
}

// begin makes a session from s to the owner of peer, known as jid.
func begin(t testing.TB, s, peer *store.Store, jid string) {
	t.Helper()
	bundle, err := signal.TakeBundle(peer)
	if err != nil {
		t.Fatal(err)
	}
	if err := signal.Begin(s, addressOf(t, jid), &bundle); err != nil {
		t.Fatal(err)
	}
}

func newKey(t testing.TB) (key [callkey.Bytes]byte) {
	t.Helper()
	if err := callkey.Generate(&key); err != nil {
		t.Fatal(err)
	}
	return key
}

func wantStatus(t testing.TB, err error, want status.Code) {
	t.Helper()
	if got := status.Of(err); got != want {
		t.Fatalf("%v: %s, want %s", err, got.Name(), want.Name())
	}
}

// The whole story: one key, three devices, one that has no session; each device opens
// its own enc, and a redelivery is not mistaken for an attack.
func TestFirstCall(t *testing.T) {
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
			jids = append(jids, fmt.Sprintf(calleeJID, 9))
			key := newKey(t)
			sealed, err := offer.Seal(caller, key[:], jids, &callOptions, -1)
			if err != nil {
				t.Fatal(err)
			}
			want := []status.Code{status.OK, status.OK, status.OK, status.NoSession}
			for i := range want {
				if sealed.Statuses[i] != want[i] || (sealed.EncTypes[i] == stanza.EncPkmsg) != (want[i] == status.OK) {
					t.Fatalf("device %d: %s, type %s", i, sealed.Statuses[i].Name(), sealed.EncTypes[i])
				}
			}
			for i, d := range devices {
				var opened [callkey.Bytes]byte
				info, err := offer.Open(d, &opened, sealed.Wire, jids[i:i+1], "")
				if err != nil || opened != key {
					t.Fatalf("device %d: %v, key equal: %v", i, err, opened == key)
				}
				if info.CallID != callOptions.CallID || info.Sender != callerJID || info.EncType != stanza.EncPkmsg {
					t.Fatalf("info is %+v", info)
				}
				info, err = offer.Open(d, &opened, sealed.Wire, jids[i:i+1], "")
				wantStatus(t, err, status.Duplicate)
				if info.CallID != callOptions.CallID || opened != [callkey.Bytes]byte{} {
					t.Fatal("a redelivered offer must say which call, and no key")
				}
			}
		})
	}
}

// After an answer the session is acknowledged: msg both ways, however often.
func TestAcknowledgedSession(t *testing.T) {
	caller, callee := openStore(t, true), openStore(t, true)
	jid := fmt.Sprintf(calleeJID, 0)
	begin(t, caller, callee, jid)
	send := func(from, to *store.Store, toJID, fromJID string, want stanza.EncType) {
		t.Helper()
		key := newKey(t)
		_, _, err := offer.SealEnc(from, toJID, key[:], 0)
		need := needed(t, err)
		ciphertext, enc, err := offer.SealEnc(from, toJID, key[:], -1)
		if err != nil || enc != want || need < len(ciphertext) {
			t.Fatalf("%v, type %s, want %s", err, enc, want)
		}
		var opened [callkey.Bytes]byte
		if err := offer.OpenEnc(to, &opened, fromJID, enc, 2, ciphertext); err != nil || opened != key {
			t.Fatal(err)
		}
	}
	send(caller, callee, jid, callerJID, stanza.EncPkmsg)
	send(caller, callee, jid, callerJID, stanza.EncPkmsg)
	for range 10 {
		send(callee, caller, callerJID, jid, stanza.EncMsg)
		send(callee, caller, callerJID, jid, stanza.EncMsg)
		send(caller, callee, jid, callerJID, stanza.EncMsg)
	}
}

// A call that does not fit its buffer must not move a ratchet: the peer would see a gap,
// and after a thousand tries no message at all.
func TestTooSmallChangesNothing(t *testing.T) {
	caller, callee := openStore(t, true), openStore(t, false)
	jid := fmt.Sprintf(calleeJID, 0)
	begin(t, caller, callee, jid)
	key := newKey(t)
	before := export(t, caller, jid)
	_, _, err := offer.SealEnc(caller, jid, key[:], 10)
	wantStatus(t, err, status.Buffer)
	_, _, err = offer.SealEnc(caller, jid, key[:], needed(t, err)-1)
	wantStatus(t, err, status.Buffer)
	_, err = offer.Seal(caller, key[:], []string{jid}, &callOptions, 0)
	wantStatus(t, err, status.Buffer)
	need := needed(t, err)
	options := callOptions
	options.DeviceIdentity = nil
	_, err = offer.Seal(caller, key[:], []string{jid}, &options, -1)
	wantStatus(t, err, status.DeviceIdentity)
	_, err = offer.Seal(caller, key[:31], []string{jid}, &callOptions, -1)
	wantStatus(t, err, status.KeyLength)
	if !bytes.Equal(before, export(t, caller, jid)) {
		t.Fatal("a refused call moved the session")
	}
	for range 20 {
		if _, err := offer.Seal(caller, key[:], []string{jid}, &callOptions, need); err != nil {
			t.Fatalf("the size that was asked for does not suffice: %v", err)
		}
	}
}

func export(t testing.TB, s *store.Store, jid string) []byte {
	t.Helper()
	record, err := signal.Export(s, addressOf(t, jid))
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// One survivor of several devices keeps its address; a lone device needs none.
func TestSurvivorKeepsItsAddress(t *testing.T) {
	caller, callee := openStore(t, false), openStore(t, false)
	jid, stranger := fmt.Sprintf(calleeJID, 3), fmt.Sprintf(calleeJID, 4)
	begin(t, caller, callee, jid)
	key := newKey(t)
	for _, o := range []*stanza.OfferOptions{nil, &callOptions} {
		for _, c := range []struct {
			jids []string
			tag  string
		}{{[]string{jid}, "<enc"}, {[]string{stranger, jid}, "<destination"}} {
			sealed, err := offer.Seal(caller, key[:], c.jids, o, -1)
			if err != nil {
				t.Fatal(err)
			}
			xml, err := stanza.XML(sealed.Wire)
			if err != nil || !bytes.Contains([]byte(xml), []byte(c.tag)) || (c.tag == "<enc" && bytes.Contains([]byte(xml), []byte("<destination"))) {
				t.Fatalf("%d devices: no %s in\n%s", len(c.jids), c.tag, xml)
			}
		}
	}
	sealed, err := offer.Seal(caller, key[:], []string{stranger, "no jid"}, nil, -1)
	wantStatus(t, err, status.NoDevices)
	if sealed.Statuses[0] != status.NoSession || sealed.Statuses[1] != status.Argument || sealed.Wire != nil {
		t.Fatalf("statuses are %v", sealed.Statuses)
	}
	_, err = offer.Seal(caller, key[:], nil, nil, -1)
	wantStatus(t, err, status.NoDevices)
}

// Two spellings of one device are one session: the second is skipped, not sealed on
// a counter of its own.
func TestSpellingsAreOneDevice(t *testing.T) {
	caller, callee := openStore(t, false), openStore(t, false)
	begin(t, caller, callee, "222222222222222@lid")
	key := newKey(t)
	sealed, err := offer.Seal(caller, key[:], []string{"222222222222222@lid", "222222222222222:0@lid"}, &callOptions, -1)
	if err != nil || sealed.Statuses[0] != status.OK || sealed.Statuses[1] != status.Duplicate {
		t.Fatalf("%v %v", err, sealed.Statuses)
	}
	if err := signal.Alias(caller, addressOf(t, "15550001@s.whatsapp.net"), addressOf(t, "222222222222222@lid")); err != nil {
		t.Fatal(err)
	}
	sealed, err = offer.Seal(caller, key[:], []string{"15550001@s.whatsapp.net", "222222222222222@lid"}, &callOptions, -1)
	if err != nil || sealed.Statuses[0] != status.OK || sealed.Statuses[1] != status.Duplicate {
		t.Fatalf("alias: %v %v", err, sealed.Statuses)
	}
}
