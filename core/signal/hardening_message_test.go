package signal

import (
	"bytes"
	"errors"
	"fmt"
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"strings"
	"testing"

	libsession "go.mau.fi/libsignal/session"
	"go.mau.fi/libsignal/signalerror"

	"libcallkey/core/curve"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

func TestFault01_KeysOfTheWrongLength(t *testing.T) {
	v := newVictims(t, true)
	empty := func(f *sessiontest.Forgery) { f.Ratchet = nil }
	if _, err := v.theirs.open(forge(t, v.againstTheir, sessiontest.Padded("x"), empty)); !errors.Is(err, errPanic) {
		t.Errorf("the library no longer panics on an empty key: %v", err)
	}
	long := func(f *sessiontest.Forgery) { f.Ratchet = append(f.Ratchet, 0) }
	opened(t, "x")(v.theirs.open(forge(t, v.againstTheir, sessiontest.Padded("x"), long)))
	for _, n := range []int{0, 1, 32, 34} {
		v.ours.refuses(t, forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Ratchet = append(f.Ratchet, 0)[:n] }), status.Malformed)
	}
	v.ours.refuses(t, forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Ratchet[0] = 4 }), status.Malformed)
	for version, want := range map[byte]status.Code{0x23: status.Unsupported, 0x43: status.Unsupported, 0x32: status.Malformed, 0x30: status.Malformed} {
		v.ours.refuses(t, forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Version = version }), want)
	}
	opened(t, "x")(v.ours.open(forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Version = 0x34 })))
}

func TestFault02_BodyAndPadding(t *testing.T) {
	v := newVictims(t, true)
	if _, err := v.theirs.open(forge(t, v.againstTheir, make([]byte, 17), func(*sessiontest.Forgery) {})); !errors.Is(err, errPanic) {
		t.Errorf("the library no longer panics on half a block: %v", err)
	}
	wide := bytes.Repeat([]byte{32}, 32) // padding longer than a block
	opened(t, "")(v.theirs.open(forge(t, v.againstTheir, wide, func(*sessiontest.Forgery) {})))
	for _, body := range [][]byte{
		make([]byte, 17), wide, make([]byte, 16), bytes.Repeat([]byte{17}, 32),
		append(bytes.Repeat([]byte{3}, 13), 1, 3, 3), append(bytes.Repeat([]byte{9}, 15), 0),
	} {
		v.ours.refuses(t, forge(t, v.againstOurs, body, func(*sessiontest.Forgery) {}), status.Malformed)
	}
	v.ours.refuses(t, forge(t, v.againstOurs, nil, func(*sessiontest.Forgery) {}), status.Malformed)
	opened(t, "fine")(v.ours.open(sealed(t)(v.againstOurs.seal("fine"))))
}

func TestFault03_KeysOfLowOrder(t *testing.T) {
	lowOrder := [32]byte{1}
	a, victim := newTheirs(t), newTheirs(t)
	bundle := victim.bundle()
	bundle.Prekey = lowOrder
	if err := a.begin(&bundle); err != nil {
		t.Errorf("the library now refuses a prekey of low order: %v", err)
	}
	us := newOurs(t)
	if err := Begin(us.store, us.peer, &bundle); status.Of(err) != status.InvalidKey {
		t.Errorf("bundle with a prekey of low order: %v", err)
	}
	v := newVictims(t, false)
	typed := curve.Typed(&lowOrder)
	v.ours.refuses(t, forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Ratchet = typed[:] }), status.InvalidKey)
	v.ours.refuses(t, forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Base = typed[:] }), status.InvalidKey)
	v.ours.refuses(t, forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Identity = typed[:] }), status.InvalidKey)
	v = newVictims(t, true)
	v.ours.refuses(t, forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Ratchet = typed[:] }), status.InvalidKey)
}

func TestFault09_MACOverOtherBytes(t *testing.T) {
	v := newVictims(t, true)
	append5 := func(c session.Ciphertext) session.Ciphertext {
		cut := len(c.Bytes) - 8
		wire := append(append(append([]byte(nil), c.Bytes[:cut]...), sessiontest.ExtraField(9)...), c.Bytes[cut:]...)
		return session.Ciphertext{Bytes: wire}
	}
	opened(t, "x")(v.theirs.open(append5(sealed(t)(v.againstTheir.seal("x")))))
	nibble := sealed(t)(v.againstTheir.seal("y"))
	nibble.Bytes[0] = 0x3f
	opened(t, "y")(v.theirs.open(nibble))

	honest := sealed(t)(v.againstOurs.seal("x"))
	v.ours.refuses(t, append5(honest), status.Unsupported)
	nibble = session.Ciphertext{Bytes: append([]byte(nil), honest.Bytes...)}
	nibble.Bytes[0] = 0x3f
	v.ours.refuses(t, nibble, status.Authentication)
	opened(t, "x")(v.ours.open(honest))
	// The order of fields is the sender's business: the MAC covers what came.
	opened(t, "z")(v.ours.open(forge(t, v.againstOurs, sessiontest.Padded("z"), func(f *sessiontest.Forgery) { f.BodyFirst = true })))
}

func TestFault10_PostQuantumFields(t *testing.T) {
	v := newVictims(t, false)
	for _, number := range []int{7, 8} {
		v.ours.refuses(t, forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.ExtraOutside = sessiontest.ExtraField(8) }), status.Unsupported)
		v.ours.refuses(t, forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) {
			f.ExtraOutside = sessiontest.WithNumber(7, uint64(number))(nil)
		}), status.Unsupported)
	}
	opened(t, "x")(v.theirs.open(forge(t, v.againstTheir, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.ExtraOutside = sessiontest.ExtraField(8) })))
	v = newVictims(t, true)
	v.ours.refuses(t, forge(t, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Extra = sessiontest.ExtraField(5) }), status.Unsupported)
	if _, err := v.theirs.open(forge(t, v.againstTheir, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Extra = sessiontest.ExtraField(5) })); !errors.Is(err, signalerror.ErrNoValidSessions) {
		t.Errorf("the library now tells a post-quantum field: %v", err)
	}
}

func TestFault11_PreviousCounterOfTheFirstReply(t *testing.T) {
	v := newVictims(t, false)
	opened(t, "1")(v.ours.open(sealed(t)(v.againstOurs.seal("1"))))
	opened(t, "1")(v.theirs.open(sealed(t)(v.againstTheir.seal("1"))))
	ours, theirs := sealed(t)(v.ours.seal("reply")), sealed(t)(v.theirs.seal("reply"))
	parsed := func(c session.Ciphertext) uint32 {
		return sessiontest.ParseMessage(t, c.Prekey, c.Bytes).PreviousCounter
	}
	if parsed(theirs) != 1<<32-1 {
		t.Errorf("the library's previous counter is now %d", parsed(theirs))
	}
	if parsed(ours) != 0 {
		t.Fatalf("previous counter of the first reply is %d", parsed(ours))
	}
}

func TestFault15_PaddingWritesIntoTheCaller(t *testing.T) {
	v := newVictims(t, true)
	backing := bytes.Repeat([]byte{0xaa}, 64)
	if _, err := libsession.NewCipher(v.theirs.builder(), v.theirs.peer).Encrypt(t.Context(), backing[:5]); err != nil {
		t.Fatal(err)
	}
	if backing[5] == 0xaa {
		t.Error("the library no longer pads in the caller's memory")
	}
	backing = bytes.Repeat([]byte{0xaa}, 64)
	err := Within(v.ours.store, []Address{v.ours.peer}, nil, func(tx *store.Tx, devices []Device) error {
		_, err := Encrypt(tx, devices[0], backing[:5])
		return err
	})
	if err != nil || !bytes.Equal(backing, bytes.Repeat([]byte{0xaa}, 64)) {
		t.Fatalf("the caller's memory was written to: %v", err)
	}
}

func TestFault20_ErrorTextsCarryMessageBytes(t *testing.T) {
	v := newVictims(t, true)
	if _, err := v.theirs.open(session.Ciphertext{Bytes: []byte("3bytes")}); err == nil || !strings.Contains(err.Error(), "3bytes") {
		t.Errorf("the library's error texts are now clean: %v", err)
	}
	honest := sealed(t)(v.againstOurs.seal("x"))
	for i := range honest.Bytes {
		forged := session.Ciphertext{Bytes: append([]byte(nil), honest.Bytes...)}
		forged.Bytes[i] ^= 1
		_, err := v.ours.open(forged)
		if err == nil {
			t.Fatalf("a message with byte %d changed opened", i)
		}
		for at := 0; at+4 <= len(forged.Bytes); at++ {
			window := forged.Bytes[at : at+4]
			if text := err.Error(); strings.Contains(text, string(window)) || strings.Contains(text, fmt.Sprintf("%x", window)) {
				t.Fatalf("error text holds bytes %d to %d of the message: %q", at, at+4, text)
			}
		}
	}
}
