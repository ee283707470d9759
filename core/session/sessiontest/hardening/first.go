package hardening

import (
	"bytes"
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"libcallkey/core/status"
)

// FirstMessage is what a new peer seals for d with a bundle that has a one-time prekey or not.
func FirstMessage(t testing.TB, d Device, oneTime bool) (peer Device, c session.Ciphertext) {
	t.Helper()
	peer = d.New(t)
	bundle := d.Bundle(t)
	switch {
	case !oneTime:
		bundle.PrekeyID = 0
	case bundle.PrekeyID == 0:
		t.Fatal("no one-time prekey left")
	}
	MustBegin(t, peer, &bundle)
	return peer, seal(t, peer, "first")
}

// FirstMessageUnderEveryName: a first message without a one-time prekey opened under every name
// that its sender was given, and once more when the session was gone. It opens once.
func FirstMessageUnderEveryName(t *testing.T, d Device) {
	us := d.New(t)
	lid, number, sibling, stranger := us.At("501_1:0"), us.At("1555:0"), us.At("501_1:7"), us.At("999_1:3")
	known := us.At("700_1:0") // of whom we know another identity
	bundle := d.New(t).Bundle(t)
	MustBegin(t, known, &bundle)
	peer, first := FirstMessage(t, us, false)
	second := seal(t, peer, "second")
	Opened(t, "first")(lid.Open(first))
	again := func() {
		t.Helper()
		for _, a := range []Device{lid, number, sibling, stranger, known} {
			Refuses(t, a, first, status.Duplicate)
		}
	}
	again()
	// A later message of that handshake belongs to the device that has the session, until the
	// names are tied.
	Refuses(t, number, second, status.Duplicate)
	tie(t, lid, number)
	Opened(t, "second")(number.Open(second))
	third := seal(t, peer, "third")
	Opened(t, "third")(lid.Open(third))
	again()
	if err := number.Untie(); err != nil {
		t.Fatal(err)
	}
	again()
	Opened(t, "answer")(peer.Open(seal(t, lid, "answer")))
	if err := lid.Remove(); err != nil {
		t.Fatal(err)
	}
	again()
	Refuses(t, lid, third, status.Duplicate)
	// Its sender begins anew, and is understood.
	MustBegin(t, peer, withoutOneTime(t, us))
	anew := seal(t, peer, "anew")
	Opened(t, "anew")(lid.Open(anew))
	Refuses(t, stranger, anew, status.Duplicate)
}

// FirstMessageOfAForgottenSession: the session was pushed out of the archive by newer ones of the
// same peer.
func FirstMessageOfAForgottenSession(t *testing.T, d Device) {
	us := d.New(t)
	peer, first := FirstMessage(t, us, false)
	Opened(t, "first")(us.Open(first))
	for range sessiontest.MaxArchived + 1 {
		MustBegin(t, peer, withoutOneTime(t, us))
		Opened(t, "x")(us.Open(seal(t, peer, "x")))
	}
	if n := len(Record(t, us).Archived); n != sessiontest.MaxArchived {
		t.Fatalf("%d archived states", n)
	}
	Refuses(t, us, first, status.Duplicate)
}

// ForgedFirstMessageLeavesNothing: what nothing authenticated leaves neither a base key, which
// would lock the honest message out, nor anything else.
func ForgedFirstMessageLeavesNothing(t *testing.T, d Device) {
	us := d.New(t)
	peer, first := FirstMessage(t, us, false)
	Refuses(t, us, Forge(t, peer, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.SpoilMAC = true }), status.Authentication)
	Refuses(t, us, Forge(t, peer, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Counter = sessiontest.MaxJump + 1 }), status.TooFar)
	Refuses(t, us, Forge(t, peer, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.SignedID = 9 }), status.NoPrekey)
	Refuses(t, us, Forge(t, peer, []byte("16 bytes, unpad."), func(f *sessiontest.Forgery) {}), status.Malformed)
	before := us.Dump(t)
	us.OpenAndDie(t, first) // the plaintext is no call key
	if !bytes.Equal(before, us.Dump(t)) {
		t.Fatal("a call that failed after the message opened left something")
	}
	Opened(t, "first")(us.Open(first))
}

// RepeatedFirstMessageNamesAnotherPrekey: the sender repeats what its first message says until it
// is answered, and no MAC covers that. The server must not use up another peer's prekey by changing
// the ids, or by wrapping a plain message as one that begins its own session.
func RepeatedFirstMessageNamesAnotherPrekey(t *testing.T, d Device) {
	us := d.New(t)
	peer, first := FirstMessage(t, us, true)
	Opened(t, "first")(us.Open(first))
	other, honest := FirstMessage(t, us, true)
	named := Record(t, other).Current.Pending.PrekeyID
	naming := func(id uint32) session.Ciphertext {
		return Forge(t, peer, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Prekey, f.PrekeyID, f.SignedID = true, id, 1 })
	}
	Opened(t, "x")(us.Open(naming(named)))
	Refuses(t, us, naming(0), status.Duplicate) // the same message key
	Refuses(t, us, naming(1<<24-1), status.Duplicate)
	Opened(t, "answer")(peer.Open(seal(t, us, "answer")))
	Opened(t, "x")(us.Open(naming(named)))
	Opened(t, "first")(us.At("other:1").Open(honest))
}
