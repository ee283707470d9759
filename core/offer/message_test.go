package offer_test

import (
	"bytes"
	"crypto/rand"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/envelope"
	"libcallkey/core/offer"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// text is a sealed message of an app.
type text struct {
	plaintext  []byte
	kind       stanza.EncType
	ciphertext []byte
}

func written(t testing.TB, s *store.Store, jid string, plaintext []byte) text {
	t.Helper()
	ciphertext, kind, err := offer.SealMessage(s, jid, plaintext, -1)
	if err != nil {
		t.Fatal(err)
	}
	return text{plaintext, kind, ciphertext}
}

func (m text) opens(t testing.TB, s *store.Store, jid string) {
	t.Helper()
	got, err := offer.OpenMessage(s, jid, m.kind, m.ciphertext, len(m.ciphertext))
	if err != nil || !bytes.Equal(got, m.plaintext) {
		t.Fatalf("a message of %d bytes does not open: %d bytes, %v", len(m.plaintext), len(got), err)
	}
}

func (m text) refused(t testing.TB, s *store.Store, jid string, want status.Code) {
	t.Helper()
	got, err := offer.OpenMessage(s, jid, m.kind, m.ciphertext, -1)
	wantStatus(t, err, want)
	if got != nil {
		t.Fatal("a refused message gave a plaintext")
	}
}

// asKey is the same message, opened as a call key's.
func (m text) asKey() sealedKey { return sealedKey{kind: m.kind, ciphertext: m.ciphertext} }

// asText is the same message, opened as a message of the app.
func (c sealedKey) asText() text { return text{kind: c.kind, ciphertext: c.ciphertext} }

// If this failed, an app could not send its messages over the session that the peer knows, and calls
// would cost it a second one.
func TestMessagesAndKeysShareASession(t *testing.T) {
	for _, file := range []bool{false, true} {
		alice, bob := openStore(t, file), openStore(t, file)
		const a, b = "111111111111111:1@lid", "222222222222222:2@lid"
		begin(t, alice, bob, b)
		var waiting []func()
		for round := range 12 {
			from, to, name, at := alice, bob, b, a
			if round%3 == 2 {
				from, to, name, at = bob, alice, a, b
			}
			plaintext := make([]byte, round*round*7)
			rand.Read(plaintext)
			m, key := written(t, from, name, plaintext), sealed(t, from, name)
			late := written(t, from, name, []byte("late"))
			key.opens(t, to, at) // overtakes
			m.opens(t, to, at)
			waiting = append(waiting, func() { late.opens(t, to, at) })
			m.refused(t, to, at, status.Duplicate)
			m.asKey().refused(t, to, at, status.Duplicate)
			key.asText().refused(t, to, at, status.Duplicate)
		}
		for _, open := range waiting {
			open()
		}
	}
}

// The limits of a plaintext: nothing, and 2^24 bytes.
func TestMessagesOfEverySize(t *testing.T) {
	alice, bob := openStore(t, true), openStore(t, true)
	const a, b = "111111111111111:1@lid", "222222222222222:2@lid"
	begin(t, alice, bob, b)
	most := make([]byte, session.MaxPlaintextBytes+1)
	rand.Read(most[:1<<10])
	for _, n := range []int{0, 1, 15, 16, 17, 64 << 10, 1 << 20, session.MaxPlaintextBytes} {
		m := written(t, alice, b, most[:n])
		if over := len(m.ciphertext) - n; over <= 0 || over > session.OverheadMaxBytes {
			t.Errorf("%d bytes more than the plaintext's %d", over, n)
		}
		if n > signal.MaxKeyMessageBytes {
			m.asKey().refused(t, bob, a, status.Malformed)
		}
		m.opens(t, bob, a)
	}
	_, _, err := offer.SealMessage(alice, b, most, -1)
	wantStatus(t, err, status.Argument)
	_, err = offer.OpenMessage(bob, a, stanza.EncMsg, make([]byte, session.MaxPlaintextBytes+session.OverheadMaxBytes+1), -1)
	wantStatus(t, err, status.Malformed)
	written(t, alice, b, nil).opens(t, bob, a)
}

// If this failed, an app that opens everything as a call's first would lose its messages.
func TestMessageThatHoldsNoKeyStaysOpenable(t *testing.T) {
	for _, options := range []store.Options{{Memory: true}, {Memory: true, KeepOpened: true}} {
		s, err := signal.OpenStore("", nil, options)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		peer := openStore(t, false)
		const me, other = callerJID, "222222222222222:0@lid"
		begin(t, peer, s, me)
		for range 2 { // a pkmsg that begins the session, then one of it
			m := written(t, peer, me, []byte("not a key"))
			m.asKey().refused(t, s, other, status.Malformed)
			m.opens(t, s, other)
			m.asKey().refused(t, s, other, status.Duplicate)
		}
		// A key opens as a message too, but only once, and then not as a key.
		key := sealed(t, peer, me)
		plaintext, err := offer.OpenMessage(s, other, key.kind, key.ciphertext, -1)
		if err != nil {
			t.Fatal(err)
		}
		var inside [32]byte
		if err := envelope.Decode(&inside, plaintext, 2); err != nil || inside != key.key {
			t.Errorf("another plaintext: %v", err)
		}
		key.refused(t, s, other, status.Duplicate)
	}
}

// A kept message remembers what it was opened as, also in the file.
func TestKeptMessageKeepsItsContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	open := func() *store.Store {
		t.Helper()
		s, err := signal.OpenStore(path, storageKey, store.Options{KeepOpened: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	s, peer := open(), openStore(t, false)
	const me, other = callerJID, "222222222222222:0@lid"
	begin(t, peer, s, me)
	key := sealed(t, peer, me)
	// A plaintext that is a key's as well.
	envelopeOf, err := envelope.Encode(key.key[:])
	if err != nil {
		t.Fatal(err)
	}
	messages := []text{written(t, peer, me, envelopeOf), written(t, peer, me, nil), written(t, peer, me, []byte("words"))}
	key.opens(t, s, other)
	for _, m := range messages {
		m.opens(t, s, other)
	}
	for range 2 {
		key.opens(t, s, other)
		key.asText().refused(t, s, other, status.Duplicate)
		for _, m := range messages {
			m.opens(t, s, other)
			m.asKey().refused(t, s, other, status.Duplicate)
		}
		s.Close()
		s = open()
	}
	// Not even a session from before it was opened gives it out as something else.
	if err := signal.Remove(s, addressOf(t, other)); err != nil {
		t.Fatal(err)
	}
	messages[0].asKey().refused(t, s, other, status.Duplicate)
	for _, m := range messages {
		if err := signal.Done(s, addressOf(t, other), m.ciphertext); err != nil {
			t.Fatal(err)
		}
		if _, err := offer.OpenMessage(s, other, m.kind, m.ciphertext, -1); err == nil {
			t.Error("opens again when it is done")
		}
	}
	key.opens(t, s, other)
}

// However large the newest is, it is kept, and so is what was opened right before.
func TestLargeMessagesAreKept(t *testing.T) {
	s, err := signal.OpenStore("", nil, store.Options{Memory: true, KeepOpened: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	peer := openStore(t, false)
	const me, other = callerJID, "222222222222222:0@lid"
	begin(t, peer, s, me)
	first := sealed(t, peer, me)
	first.opens(t, s, other)
	var large []text
	for i := range 2 {
		large = append(large, written(t, peer, me, bytes.Repeat([]byte{byte(i)}, session.MaxPlaintextBytes)))
		large[i].opens(t, s, other)
		large[i].opens(t, s, other)
	}
	first.refused(t, s, other, status.Duplicate)
	large[0].opens(t, s, other)
	last := sealed(t, peer, me)
	last.opens(t, s, other)
	large[0].refused(t, s, other, status.Duplicate)
	large[1].opens(t, s, other)
}

// A refused call leaves the same bytes in the store, and the size that BUFFER tells is enough.
func TestRefusedMessagesWriteNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s, err := signal.OpenStore(path, storageKey, store.Options{KeepOpened: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	peer := openStore(t, false)
	const me, other = "222222222222222:0@lid", "111111111111111:2@lid"
	begin(t, peer, s, me)
	m := written(t, peer, me, []byte("seventeen bytes.."))
	forged := text{kind: m.kind, ciphertext: bytes.Clone(m.ciphertext)}
	forged.ciphertext[len(forged.ciphertext)-12] ^= 1 // in the MAC

	before := rowsOf(t, path)
	for _, capacity := range []int{0, len(m.plaintext) - 1} {
		_, err := offer.OpenMessage(s, other, m.kind, m.ciphertext, capacity)
		if got := needed(t, err); got != len(m.plaintext) {
			t.Errorf("needs %d bytes, not %d", got, len(m.plaintext))
		}
	}
	forged.refused(t, s, other, status.Authentication)
	m.refused(t, s, "nobody", status.Argument)
	text{kind: 7, ciphertext: m.ciphertext}.refused(t, s, other, status.Unsupported)
	text{kind: 3 - m.kind, ciphertext: m.ciphertext}.refused(t, s, other, status.Malformed)
	text{kind: m.kind}.refused(t, s, other, status.Malformed)
	m.asKey().refused(t, s, other, status.Malformed)
	for code, jid := range map[status.Code]string{status.Argument: "nobody", status.NoSession: other} {
		_, _, err := offer.SealMessage(s, jid, m.plaintext, -1)
		wantStatus(t, err, code)
	}
	if after := rowsOf(t, path); !sameRows(before, after) {
		t.Error("a refused call wrote something")
	}

	if got, err := offer.OpenMessage(s, other, m.kind, m.ciphertext, len(m.plaintext)); err != nil || !bytes.Equal(got, m.plaintext) {
		t.Fatalf("does not open: %v", err)
	}
	before = rowsOf(t, path)
	for _, n := range []int{0, 15, 16, 500} {
		need := n + session.OverheadMaxBytes
		for _, capacity := range []int{0, need - 1} {
			_, _, err := offer.SealMessage(s, other, make([]byte, n), capacity)
			if got := needed(t, err); got != need {
				t.Errorf("%d bytes: needs %d, not %d", n, need, got)
			}
		}
		if !sameRows(before, rowsOf(t, path)) {
			t.Error("a refused call wrote something")
		}
		c, _, err := offer.SealMessage(s, other, make([]byte, n), need)
		if err != nil || len(c) > need {
			t.Errorf("%d bytes: %d of %d bytes: %v", n, len(c), need, err)
		}
		before = rowsOf(t, path)
	}
}

func sameRows(a, b map[string][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for name, row := range a {
		if !bytes.Equal(row, b[name]) {
			return false
		}
	}
	return true
}

// The bound of a call key's message: what a hostile peer adds to a key costs us no more than this.
func TestKeyMessagesAreBounded(t *testing.T) {
	alice, bob := openStore(t, false), openStore(t, false)
	const a, b = "111111111111111:1@lid", "222222222222222:2@lid"
	begin(t, alice, bob, b)
	written(t, alice, b, nil).opens(t, bob, a)
	written(t, bob, a, nil).opens(t, alice, b) // from now on a msg
	key := newKey(t)
	for n, want := range map[int]status.Code{1000: status.OK, 64<<10 - 200: status.OK, 64 << 10: status.Malformed} {
		// A key as enc version 3 has it, and a field that we do not know.
		plaintext := append([]byte{0x52, 0x22, 0x0a, 0x20}, key[:]...)
		plaintext = protowire.AppendTag(plaintext, 15, protowire.BytesType)
		plaintext = protowire.AppendBytes(plaintext, make([]byte, n))
		m := written(t, alice, b, plaintext)
		var opened [32]byte
		wantStatus(t, offer.OpenEnc(bob, &opened, a, m.kind, 3, m.ciphertext), want)
		if want == status.OK && opened != key {
			t.Errorf("%d bytes more: another key", n)
		}
		if want != status.OK {
			m.opens(t, bob, a)
		}
	}
}
