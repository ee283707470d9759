package hardening

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
)

// KeysOfTheWrongLength: the library takes a ratchet key of any length, and panics on an empty one.
func KeysOfTheWrongLength(t *testing.T, d Device) {
	v := NewVictims(t, d, true)
	empty := func(f *sessiontest.Forgery) { f.Ratchet = nil }
	if _, err := v.Theirs.Open(v.againstTheirs(t, sessiontest.Padded("x"), empty)); !errors.Is(err, errPanic) {
		t.Errorf("the library no longer panics on an empty key: %v", err)
	}
	long := func(f *sessiontest.Forgery) { f.Ratchet = append(f.Ratchet, 0) }
	Opened(t, "x")(v.Theirs.Open(v.againstTheirs(t, sessiontest.Padded("x"), long)))
	for _, n := range []int{0, 1, 32, 34} {
		Refuses(t, v.Ours, v.against(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Ratchet = append(f.Ratchet, 0)[:n] }), status.Malformed)
	}
	Refuses(t, v.Ours, v.against(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Ratchet[0] = 4 }), status.Malformed)
	for version, want := range map[byte]status.Code{0x23: status.Unsupported, 0x43: status.Unsupported, 0x32: status.Malformed, 0x30: status.Malformed} {
		Refuses(t, v.Ours, v.against(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Version = version }), want)
	}
	Opened(t, "x")(v.Ours.Open(v.against(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Version = 0x34 })))
}

// BodyAndPadding: the library panics on half a block, and takes padding longer than one.
func BodyAndPadding(t *testing.T, d Device) {
	v := NewVictims(t, d, true)
	if _, err := v.Theirs.Open(v.againstTheirs(t, make([]byte, 17), func(*sessiontest.Forgery) {})); !errors.Is(err, errPanic) {
		t.Errorf("the library no longer panics on half a block: %v", err)
	}
	wide := bytes.Repeat([]byte{32}, 32) // padding longer than a block
	Opened(t, "")(v.Theirs.Open(v.againstTheirs(t, wide, func(*sessiontest.Forgery) {})))
	for _, body := range [][]byte{
		make([]byte, 17), wide, make([]byte, 16), bytes.Repeat([]byte{17}, 32),
		append(bytes.Repeat([]byte{3}, 13), 1, 3, 3), append(bytes.Repeat([]byte{9}, 15), 0),
	} {
		Refuses(t, v.Ours, v.against(t, body, func(*sessiontest.Forgery) {}), status.Malformed)
	}
	Refuses(t, v.Ours, v.against(t, nil, func(*sessiontest.Forgery) {}), status.Malformed)
	Opened(t, "fine")(v.Ours.Open(seal(t, v.AgainstOurs, "fine")))
}

// KeysOfLowOrder: the library agrees on a secret with a public key of low order, which anyone knows.
func KeysOfLowOrder(t *testing.T, d Device) {
	lowOrder := [32]byte{1}
	a, victim := NewTheirs(t), NewTheirs(t)
	bundle := victim.Bundle()
	bundle.Prekey = lowOrder
	if err := a.Begin(&bundle); err != nil {
		t.Errorf("the library now refuses a prekey of low order: %v", err)
	}
	if err := d.New(t).Begin(&bundle); status.Of(err) != status.InvalidKey {
		t.Errorf("bundle with a prekey of low order: %v", err)
	}
	v := NewVictims(t, d, false)
	typed := curve.Typed(&lowOrder)
	Refuses(t, v.Ours, v.against(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Ratchet = typed[:] }), status.InvalidKey)
	Refuses(t, v.Ours, v.against(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Base = typed[:] }), status.InvalidKey)
	Refuses(t, v.Ours, v.against(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Identity = typed[:] }), status.InvalidKey)
	v = NewVictims(t, d, true)
	Refuses(t, v.Ours, v.against(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Ratchet = typed[:] }), status.InvalidKey)
}

// MACOverOtherBytes: the library checks the MAC of what it parsed, not of what came.
func MACOverOtherBytes(t *testing.T, d Device) {
	v := NewVictims(t, d, true)
	extended := func(c session.Ciphertext) session.Ciphertext {
		cut := len(c.Bytes) - 8
		wire := append(append(append([]byte(nil), c.Bytes[:cut]...), sessiontest.ExtraField(9)...), c.Bytes[cut:]...)
		return session.Ciphertext{Bytes: wire}
	}
	Opened(t, "x")(v.Theirs.Open(extended(seal(t, v.AgainstTheirs, "x"))))
	nibble := seal(t, v.AgainstTheirs, "y")
	nibble.Bytes[0] = 0x3f
	Opened(t, "y")(v.Theirs.Open(nibble))

	honest := seal(t, v.AgainstOurs, "x")
	Refuses(t, v.Ours, extended(honest), status.Unsupported)
	nibble = session.Ciphertext{Bytes: append([]byte(nil), honest.Bytes...)}
	nibble.Bytes[0] = 0x3f
	Refuses(t, v.Ours, nibble, status.Authentication)
	Opened(t, "x")(v.Ours.Open(honest))
	// The order of fields is the sender's business: the MAC covers what came.
	Opened(t, "z")(v.Ours.Open(v.against(t, sessiontest.Padded("z"), func(f *sessiontest.Forgery) { f.BodyFirst = true })))
}

// PostQuantumFields: the library opens messages of a protocol that it does not know as if they were of its own.
func PostQuantumFields(t *testing.T, d Device) {
	v := NewVictims(t, d, false)
	for _, number := range []int{7, 8} {
		Refuses(t, v.Ours, v.against(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.ExtraOutside = sessiontest.ExtraField(8) }), status.Unsupported)
		Refuses(t, v.Ours, v.against(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) {
			f.ExtraOutside = sessiontest.WithNumber(7, uint64(number))(nil)
		}), status.Unsupported)
	}
	Opened(t, "x")(v.Theirs.Open(v.againstTheirs(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.ExtraOutside = sessiontest.ExtraField(8) })))
	v = NewVictims(t, d, true)
	Refuses(t, v.Ours, v.against(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Extra = sessiontest.ExtraField(5) }), status.Unsupported)
	if _, err := v.Theirs.Open(v.againstTheirs(t, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.Extra = sessiontest.ExtraField(5) })); !errors.Is(err, signalerror.ErrNoValidSessions) {
		t.Errorf("the library now tells a post-quantum field: %v", err)
	}
}

// PreviousCounterOfTheFirstReply: the library's first reply says that its chain of no messages had 2^32.
func PreviousCounterOfTheFirstReply(t *testing.T, d Device) {
	v := NewVictims(t, d, false)
	Opened(t, "1")(v.Ours.Open(seal(t, v.AgainstOurs, "1")))
	Opened(t, "1")(v.Theirs.Open(seal(t, v.AgainstTheirs, "1")))
	ours, theirs := seal(t, v.Ours, "reply"), Sealed(t)(v.Theirs.Seal("reply"))
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

// PaddingWritesIntoTheCaller: the library pads a plaintext in its caller's memory.
func PaddingWritesIntoTheCaller(t *testing.T, d Device) {
	v := NewVictims(t, d, true)
	backing := bytes.Repeat([]byte{0xaa}, 64)
	if _, err := libsession.NewCipher(v.Theirs.Builder(), v.Theirs.peer).Encrypt(t.Context(), backing[:5]); err != nil {
		t.Fatal(err)
	}
	if backing[5] == 0xaa {
		t.Error("the library no longer pads in the caller's memory")
	}
	backing = bytes.Repeat([]byte{0xaa}, 64)
	if _, err := v.Ours.Seal(backing[:5]); err != nil || !bytes.Equal(backing, bytes.Repeat([]byte{0xaa}, 64)) {
		t.Fatalf("the caller's memory was written to: %v", err)
	}
}

// ErrorTextsCarryMessageBytes: the library puts bytes of a message into texts that apps log.
func ErrorTextsCarryMessageBytes(t *testing.T, d Device) {
	v := NewVictims(t, d, true)
	if _, err := v.Theirs.Open(session.Ciphertext{Bytes: []byte("3bytes")}); err == nil || !strings.Contains(err.Error(), "3bytes") {
		t.Errorf("the library's error texts are now clean: %v", err)
	}
	honest := seal(t, v.AgainstOurs, "x")
	for i := range honest.Bytes {
		forged := session.Ciphertext{Bytes: append([]byte(nil), honest.Bytes...)}
		forged.Bytes[i] ^= 1
		_, err := v.Ours.Open(forged)
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
