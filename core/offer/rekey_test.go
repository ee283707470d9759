package offer_test

import (
	"path/filepath"
	"strings"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

const memberJID = "222222222222222:0@lid"

// If this failed, a member of a group would hear noise after the first change of its
// secret, or would not learn which epoch a redelivered stanza was about.
func TestRekey(t *testing.T) {
	s, peer := openStore(t, true), openStore(t, false)
	begin(t, s, peer, memberJID)
	for _, kind := range []stanza.EncType{stanza.EncPkmsg, stanza.EncMsg} {
		epoch := newKey(t)
		_, err := offer.SealRekey(s, memberJID, epoch[:], 7, &callOptions, 0)
		need := needed(t, err)
		wire, err := offer.SealRekey(s, memberJID, epoch[:], 7, &callOptions, -1)
		if err != nil {
			t.Fatal(err)
		}
		if need < len(wire) || need > len(wire)+16 {
			t.Errorf("%d bytes, said to be at most %d", len(wire), need)
		}
		want := offer.Info{Info: stanza.Info{
			Kind: stanza.KindRekey, Keygen: 2, EncVersion: 2, TransactionID: 7, EncType: kind, Group: true,
			CallID: callOptions.CallID, CallCreator: callerJID, Sender: callerJID,
		}}
		if kind == stanza.EncPkmsg {
			want.SenderIdentity = identityOf(t, s)
		}
		var opened [callkey.Bytes]byte
		info, err := offer.OpenRekey(peer, &opened, wire, "")
		if err != nil || opened != epoch || info != want {
			t.Fatalf("%v, %+v", err, info)
		}
		info, err = offer.OpenRekey(peer, &opened, wire, "")
		if status.Of(err) != status.Duplicate || opened != [callkey.Bytes]byte{} || info != want {
			t.Fatalf("the second time: %v, %+v", err, info)
		}
		acknowledge(t, s, peer, memberJID)
	}
}

// If this failed, an offer's call key would be installed as an epoch without a number,
// and the offer would be used up by it.
func TestAnOfferIsNoRekey(t *testing.T) {
	s, peer := openStore(t, false), openStore(t, false)
	begin(t, s, peer, memberJID)
	key := newKey(t)
	sealed, err := offer.Seal(s, key[:], []string{memberJID}, &callOptions, -1)
	if err != nil {
		t.Fatal(err)
	}
	var opened [callkey.Bytes]byte
	if _, err := offer.OpenRekey(peer, &opened, sealed.Wire, callerJID); status.Of(err) != status.Malformed {
		t.Fatalf("%v", err)
	}
	if _, err := offer.Open(peer, &opened, sealed.Wire, []string{memberJID}, callerJID); err != nil || opened != key {
		t.Fatalf("the offer afterwards: %v", err)
	}
}

// If this failed, a call that was refused would have moved the session on: the member
// then meets a gap in the counters, or a message key is used twice.
func TestRefusedRekeysWriteNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s, err := signal.OpenStore(path, storageKey, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	peer := openStore(t, false)
	begin(t, s, peer, memberJID)
	epoch := newKey(t)
	before := rowsOf(t, path)
	with := func(change func(*stanza.OfferOptions)) *stanza.OfferOptions { o := callOptions; change(&o); return &o }
	for _, row := range []struct {
		name        string
		jid         string
		epoch       []byte
		transaction uint32
		o           *stanza.OfferOptions
		capacity    int
		want        status.Code
	}{
		{"a short epoch", memberJID, epoch[:31], 1, &callOptions, -1, status.KeyLength},
		{"a long epoch", memberJID, append(epoch[:], 0), 1, &callOptions, -1, status.KeyLength},
		{"transaction 0", memberJID, epoch[:], 0, &callOptions, -1, status.Argument},
		{"no options", memberJID, epoch[:], 1, nil, -1, status.Argument},
		{"no call id", memberJID, epoch[:], 1, with(func(o *stanza.OfferOptions) { o.CallID = "" }), -1, status.Argument},
		{"no creator", memberJID, epoch[:], 1, with(func(o *stanza.OfferOptions) { o.CallCreator = "" }), -1, status.Argument},
		{"creator is no device", memberJID, epoch[:], 1, with(func(o *stanza.OfferOptions) { o.CallCreator = "1@g.us" }), -1, status.Argument},
		{"long stanza id", memberJID, epoch[:], 1, with(func(o *stanza.OfferOptions) { o.StanzaID = strings.Repeat("1", 128) }), -1, status.Argument},
		{"no device", "222@g.us", epoch[:], 1, &callOptions, -1, status.Argument},
		{"no session", "333:1@lid", epoch[:], 1, &callOptions, -1, status.NoSession},
		{"no device identity", memberJID, epoch[:], 1, with(func(o *stanza.OfferOptions) { o.DeviceIdentity = nil }), -1, status.DeviceIdentity},
		{"no room at all", memberJID, epoch[:], 1, &callOptions, 0, status.Buffer},
		{"room for a bit less", memberJID, epoch[:], 1, &callOptions, 200, status.Buffer},
		{"larger than a stanza", memberJID, epoch[:], 1, with(func(o *stanza.OfferOptions) { o.DeviceIdentity = make([]byte, stanza.MaxBytes) }), -1, status.Argument},
	} {
		wire, err := offer.SealRekey(s, row.jid, row.epoch, row.transaction, row.o, row.capacity)
		if status.Of(err) != row.want || wire != nil {
			t.Errorf("%s: %v, %d bytes", row.name, err, len(wire))
		}
	}
	after := rowsOf(t, path)
	if len(after) != len(before) {
		t.Errorf("%d rows, there were %d", len(after), len(before))
	}
	for name, row := range before {
		if string(row) != string(after[name]) {
			t.Errorf("row %s was written", name)
		}
	}
	// The reported size is enough for any padding.
	_, err = offer.SealRekey(s, memberJID, epoch[:], 1, &callOptions, 0)
	need := needed(t, err)
	for range 50 {
		if _, err := offer.SealRekey(s, memberJID, epoch[:], 1, &callOptions, need); err != nil {
			t.Fatal(err)
		}
	}
}

// If this failed, a damaged stanza would cost a member the session with the one who
// sends the epochs, and the group's secret with it.
func TestDamagedRekeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s, err := signal.OpenStore(path, storageKey, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	peer := openStore(t, false)
	begin(t, peer, s, memberJID)
	acknowledge(t, peer, s, memberJID)
	epoch := newKey(t)
	wire, err := offer.SealRekey(peer, memberJID, epoch[:], 7, &callOptions, -1)
	if err != nil {
		t.Fatal(err)
	}
	before := rowsOf(t, path)
	var opened [callkey.Bytes]byte
	// Under the name that it is from: what names the call is not authenticated, the ciphertext is.
	damaged := 0
	for i := range wire {
		if _, err := offer.OpenRekey(s, &opened, wire[:i], callerJID); status.Of(err) != status.Malformed {
			t.Errorf("the first %d bytes: %v", i, err)
		}
	}
	_, ciphertext, err := stanza.ParseRekey(wire)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(wire), string(ciphertext))
	for bit := 8 * at; bit < 8*(at+len(ciphertext)); bit++ {
		changed := []byte(string(wire))
		changed[bit/8] ^= 1 << (bit % 8)
		info, err := offer.OpenRekey(s, &opened, changed, callerJID)
		switch status.Of(err) {
		case status.Malformed, status.Unsupported, status.Authentication, status.InvalidKey, status.TooFar, status.Duplicate:
			damaged++
		default:
			t.Errorf("bit %d: %v, %+v", bit-8*at, err, info)
		}
	}
	if damaged != 8*len(ciphertext) || opened != [callkey.Bytes]byte{} {
		t.Errorf("%d of %d changed bits were seen", damaged, 8*len(ciphertext))
	}
	after := rowsOf(t, path)
	for name, row := range before {
		if string(row) != string(after[name]) {
			t.Errorf("row %s was written", name)
		}
	}
	if _, err := offer.OpenRekey(s, &opened, wire, callerJID); err != nil || opened != epoch {
		t.Fatalf("the good one after all that: %v", err)
	}
}
