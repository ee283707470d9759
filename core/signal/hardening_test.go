package signal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	libcipher "go.mau.fi/libsignal/cipher"
	"go.mau.fi/libsignal/keys/identity"
	"go.mau.fi/libsignal/logger"
	"go.mau.fi/libsignal/signalerror"
	librecord "go.mau.fi/libsignal/state/record"
	"go.mau.fi/libsignal/util/bytehelper"
	"go.mau.fi/libsignal/util/keyhelper"

	"libcallkey/core/curve"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Each test here is one fault of the Signal library's orchestration (docs/security.md
// lists them by these numbers). It first shows the fault on session.Cipher and
// session.Builder, which proves that the test can fail, and then that it can't be
// reached through this library.

// refuses checks that d refuses c with one of the statuses and changes nothing by it.
func (d *ours) refuses(t *testing.T, c Ciphertext, want ...status.Code) {
	t.Helper()
	before := d.dump(t)
	_, err := d.open(c)
	if !bytes.Equal(before, d.dump(t)) {
		t.Fatalf("a refused message changed the store: %v", err)
	}
	for _, code := range want {
		if status.Of(err) == code {
			return
		}
	}
	t.Fatalf("%v (%s), want one of %v", err, status.Of(err).Name(), want)
}

// dump is every record that a message could change.
func (d *ours) dump(t testing.TB) (all []byte) {
	t.Helper()
	err := d.store.Update(func(tx *store.Tx) error {
		for _, r := range []struct {
			table store.Table
			name  string
		}{
			{store.Sessions, d.peer.String()}, {store.Identities, d.peer.String()},
			{store.Account, accountName}, {store.Prekeys, "1"}, {store.SignedPrekeys, "1"},
		} {
			row, err := tx.Get(r.table, r.name)
			if err != nil {
				return err
			}
			all = append(append(all, byte(r.table), byte(len(row)), byte(len(row)>>8)), row...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestFault01_KeysOfTheWrongLength(t *testing.T) {
	v := newVictims(t, true)
	empty := func(f *forgery) { f.ratchet = nil }
	if _, err := v.theirs.open(forge(t, v.againstTheir, padded("x"), empty)); !errors.Is(err, errPanic) {
		t.Errorf("the library no longer panics on an empty key: %v", err)
	}
	long := func(f *forgery) { f.ratchet = append(f.ratchet, 0) }
	opened(t, "x")(v.theirs.open(forge(t, v.againstTheir, padded("x"), long)))
	for _, n := range []int{0, 1, 32, 34} {
		v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), func(f *forgery) { f.ratchet = append(f.ratchet, 0)[:n] }), status.Malformed)
	}
	v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), func(f *forgery) { f.ratchet[0] = 4 }), status.Malformed)
	for version, want := range map[byte]status.Code{0x23: status.Unsupported, 0x43: status.Unsupported, 0x32: status.Malformed, 0x30: status.Malformed} {
		v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), func(f *forgery) { f.version = version }), want)
	}
	opened(t, "x")(v.ours.open(forge(t, v.againstOurs, padded("x"), func(f *forgery) { f.version = 0x34 })))
}

func TestFault02_BodyAndPadding(t *testing.T) {
	v := newVictims(t, true)
	if _, err := v.theirs.open(forge(t, v.againstTheir, make([]byte, 17), func(*forgery) {})); !errors.Is(err, errPanic) {
		t.Errorf("the library no longer panics on half a block: %v", err)
	}
	wide := bytes.Repeat([]byte{32}, 32) // padding longer than a block
	opened(t, "")(v.theirs.open(forge(t, v.againstTheir, wide, func(*forgery) {})))
	for _, body := range [][]byte{
		make([]byte, 17), wide, make([]byte, 16), bytes.Repeat([]byte{17}, 32),
		append(bytes.Repeat([]byte{3}, 13), 1, 3, 3), append(bytes.Repeat([]byte{9}, 15), 0),
	} {
		v.ours.refuses(t, forge(t, v.againstOurs, body, func(*forgery) {}), status.Malformed)
	}
	v.ours.refuses(t, forge(t, v.againstOurs, nil, func(*forgery) {}), status.Malformed)
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
	v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), func(f *forgery) { f.ratchet = typed[:] }), status.InvalidKey)
	v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), func(f *forgery) { f.base = typed[:] }), status.InvalidKey)
	v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), func(f *forgery) { f.identity = typed[:] }), status.InvalidKey)
	v = newVictims(t, true)
	v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), func(f *forgery) { f.ratchet = typed[:] }), status.InvalidKey)
}

// bogusTurn announces a new ratchet key without knowing the session.
func bogusTurn(f *forgery) {
	var private, public [32]byte
	curve.Generate(&private, &public)
	typed := curve.Typed(&public)
	f.ratchet, f.spoilMAC = typed[:], true
}

// sharing is a device whose store hands out the pointers it was given.
func sharing(t *testing.T) *theirs {
	d := newTheirs(t)
	d.shares = true
	return d
}

func TestFault04_ForgeryMovesTheRatchet(t *testing.T) {
	v := newVictimsWith(t, sharing(t), true)
	v.theirs.open(forge(t, v.againstTheir, padded("x"), bogusTurn))
	if _, err := v.againstTheir.open(sealed(t)(v.theirs.seal("after"))); err == nil {
		t.Error("the library's session now survives a forgery")
	}
	v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), bogusTurn), status.Authentication)
	opened(t, "after")(v.againstOurs.open(sealed(t)(v.ours.seal("after"))))
}

// twoSessions makes a second session and returns a late message of the first.
func twoSessions(t *testing.T, peer *ours, second *Bundle, receive func(Ciphertext) (string, error)) (late Ciphertext) {
	t.Helper()
	opened(t, "1")(receive(sealed(t)(peer.seal("1"))))
	late = sealed(t)(peer.seal("late"))
	second.PrekeyID = 0
	if err := Begin(peer.store, peer.peer, second); err != nil {
		t.Fatal(err)
	}
	opened(t, "2")(receive(sealed(t)(peer.seal("2"))))
	return late
}

func TestFault05_LateMessageSpoilsTheCurrentSession(t *testing.T) {
	v := newVictims(t, true)
	theirBundle := Bundle{RegistrationID: 7, SignedPrekeyID: 1, IdentityKey: v.theirs.pair.PublicKey().PublicKey().PublicKey(),
		SignedPrekey: v.theirs.signed[1].KeyPair().PublicKey().PublicKey(), Signature: v.theirs.signed[1].Signature()}
	late := twoSessions(t, v.againstTheir, &theirBundle, v.theirs.open)
	opened(t, "late")(v.theirs.open(late))
	opened(t, "3")(v.theirs.open(sealed(t)(v.againstTheir.seal("3"))))
	if _, err := v.againstTheir.open(sealed(t)(v.theirs.seal("4"))); err == nil {
		t.Error("the library's current session now survives a late message")
	}
	ourBundle := v.ours.bundle(t)
	late = twoSessions(t, v.againstOurs, &ourBundle, v.ours.open)
	opened(t, "late")(v.ours.open(late))
	opened(t, "3")(v.ours.open(sealed(t)(v.againstOurs.seal("3"))))
	opened(t, "4")(v.againstOurs.open(sealed(t)(v.ours.seal("4"))))
}

func TestFault06_PromotedStateStaysArchived(t *testing.T) {
	r := librecord.NewSession(nil, nil)
	old := librecord.NewState(nil)
	r.PromoteState(old)
	r.PromoteState(librecord.NewState(nil))
	r.PromoteState(old) // what session.Cipher does when an archived state opened a message
	stays := 0
	for _, s := range r.PreviousSessionStates() {
		if s == old {
			stays++
		}
	}
	if stays == 0 {
		t.Error("the library now removes a promoted state from the archive")
	}
	v := newVictims(t, true)
	bundle := v.ours.bundle(t)
	late := twoSessions(t, v.againstOurs, &bundle, v.ours.open)
	opened(t, "late")(v.ours.open(late))
	seen := map[[32]byte]bool{}
	for _, s := range v.ours.record(t).states() {
		if seen[s.baseKey] {
			t.Fatal("one session is in the record twice: its messages open twice")
		}
		seen[s.baseKey] = true
	}
	v.ours.refuses(t, late, status.Duplicate)
}

func TestFault07_ForgedPrekeyMessagePlantsAnIdentity(t *testing.T) {
	v := newVictims(t, false)
	mallory := newOurs(t)
	own, err := OwnIdentity(mallory.store)
	if err != nil {
		t.Fatal(err)
	}
	typed := curve.Typed(&own.PublicKey)
	plant := func(f *forgery) { f.identity, f.spoilMAC = typed[:], true }
	v.theirs.open(forge(t, v.againstTheir, padded("x"), plant))
	if _, err := v.theirs.open(sealed(t)(v.againstTheir.seal("honest"))); !errors.Is(err, signalerror.ErrUntrustedIdentity) {
		t.Errorf("the library no longer saves an identity that nothing authenticated: %v", err)
	}
	v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), plant), status.Authentication)
	opened(t, "honest")(v.ours.open(sealed(t)(v.againstOurs.seal("honest"))))
}

func TestFault08_SwappedIdentityOnAKnownSession(t *testing.T) {
	v := newVictims(t, false)
	opened(t, "1")(v.theirs.open(sealed(t)(v.againstTheir.seal("1"))))
	opened(t, "1")(v.ours.open(sealed(t)(v.againstOurs.seal("1"))))
	var private, public [32]byte
	curve.Generate(&private, &public)
	typed := curve.Typed(&public)
	swap := func(f *forgery) { f.identity = typed[:] }
	clear(v.theirs.identities) // an app that accepts changed identities, as apps do
	opened(t, "x")(v.theirs.open(forge(t, v.againstTheir, padded("x"), swap)))
	var saved *identity.Key
	for _, saved = range v.theirs.identities {
	}
	if saved.PublicKey().PublicKey() != public {
		t.Error("the library no longer saves the swapped identity")
	}
	swapped := forge(t, v.againstOurs, padded("x"), swap)
	v.ours.refuses(t, swapped, status.UntrustedIdentity)
	if err := Trust(v.ours.store, v.ours.peer, &public); err != nil {
		t.Fatal(err)
	}
	v.ours.refuses(t, swapped, status.Authentication, status.NoPrekey)
}

func TestFault09_MACOverOtherBytes(t *testing.T) {
	v := newVictims(t, true)
	append5 := func(c Ciphertext) Ciphertext {
		cut := len(c.Bytes) - macBytes
		wire := append(append(append([]byte(nil), c.Bytes[:cut]...), extraField(9)...), c.Bytes[cut:]...)
		return Ciphertext{Bytes: wire}
	}
	opened(t, "x")(v.theirs.open(append5(sealed(t)(v.againstTheir.seal("x")))))
	nibble := sealed(t)(v.againstTheir.seal("y"))
	nibble.Bytes[0] = 0x3f
	opened(t, "y")(v.theirs.open(nibble))

	honest := sealed(t)(v.againstOurs.seal("x"))
	v.ours.refuses(t, append5(honest), status.Unsupported)
	nibble = Ciphertext{Bytes: append([]byte(nil), honest.Bytes...)}
	nibble.Bytes[0] = 0x3f
	v.ours.refuses(t, nibble, status.Authentication)
	opened(t, "x")(v.ours.open(honest))
	// The order of fields is the sender's business: the MAC covers what came.
	s := v.againstOurs.record(t).current
	f, keys := nextMessage(s, padded("z"))
	e := encoder{[]byte{versionByte}}
	e.bytes(messageBody, f.body)
	e.number(messageCounter, uint64(f.counter))
	e.bytes(messageRatchet, f.ratchet)
	mac := messageMAC(&keys, &s.localIdentity, &s.remoteIdentity, e.b)
	opened(t, "z")(v.ours.open(Ciphertext{Bytes: append(e.b, mac[:]...)}))
}

func TestFault10_PostQuantumFields(t *testing.T) {
	v := newVictims(t, false)
	for _, number := range []int{prekeyMessageKyberPrekeyID, prekeyMessageKyberPrekeyID + 1} {
		v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), func(f *forgery) { f.extraOutside = extraField(8) }), status.Unsupported)
		v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), func(f *forgery) {
			e := encoder{}
			e.number(prekeyMessageKyberPrekeyID, uint64(number))
			f.extraOutside = e.b
		}), status.Unsupported)
	}
	opened(t, "x")(v.theirs.open(forge(t, v.againstTheir, padded("x"), func(f *forgery) { f.extraOutside = extraField(8) })))
	v = newVictims(t, true)
	v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), func(f *forgery) { f.extra = extraField(messagePostQuantum) }), status.Unsupported)
	if _, err := v.theirs.open(forge(t, v.againstTheir, padded("x"), func(f *forgery) { f.extra = extraField(messagePostQuantum) })); !errors.Is(err, signalerror.ErrNoValidSessions) {
		t.Errorf("the library now tells a post-quantum field: %v", err)
	}
}

func TestFault11_PreviousCounterOfTheFirstReply(t *testing.T) {
	v := newVictims(t, false)
	opened(t, "1")(v.ours.open(sealed(t)(v.againstOurs.seal("1"))))
	opened(t, "1")(v.theirs.open(sealed(t)(v.againstTheir.seal("1"))))
	ours, theirs := sealed(t)(v.ours.seal("reply")), sealed(t)(v.theirs.seal("reply"))
	parsed := func(c Ciphertext) uint32 {
		m, err := parseMessage(c.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		return m.previousCounter
	}
	if parsed(theirs) != 1<<32-1 {
		t.Errorf("the library's previous counter is now %d", parsed(theirs))
	}
	if parsed(ours) != 0 {
		t.Fatalf("previous counter of the first reply is %d", parsed(ours))
	}
}

func TestFault12_CostOfAForgedCounter(t *testing.T) {
	v := newVictimsWith(t, sharing(t), true)
	// The library derives and keeps two thousand message keys for one forged message, in
	// the state it tries.
	far := func(f *forgery) { bogusTurn(f); f.counter = maxJump }
	shared := v.theirs.sessions[v.theirs.peer.String()]
	before := len(shared.SessionState().Serialize())
	v.theirs.open(forge(t, v.againstTheir, padded("x"), far))
	if grown := len(shared.SessionState().Serialize()) - before; grown < maxJump*80 {
		t.Errorf("the library's state now grows by %d bytes only", grown)
	}
	r := v.ours.record(t)
	for range maxArchived {
		r.archived = append(r.archived, r.current.clone())
	}
	m, err := parseMessage(forge(t, v.againstOurs, padded("x"), far).Bytes)
	if err != nil {
		t.Fatal(err)
	}
	left := messageBudget
	walked := 0
	for _, s := range r.states() {
		before := left
		if _, _, err := s.open(m, &left); err == nil {
			t.Fatal("a forgery opened")
		}
		walked += int(before - left)
	}
	if walked > int(messageBudget) || left < 0 {
		t.Fatalf("a forged counter made %d steps, %d is the bound", walked, messageBudget)
	}
	if _, _, _, err := open(r.states(), m); status.Of(err) != status.TooFar {
		t.Fatalf("a message that was not tried on every state is %v", err)
	}
	v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), func(f *forgery) { f.counter = maxJump + 5 }), status.TooFar)
}

func TestFault13_TheCauseIsHidden(t *testing.T) {
	v := newVictims(t, true)
	for name, c := range map[string]Ciphertext{
		"forged":      forge(t, v.againstTheir, padded("x"), func(f *forgery) { f.spoilMAC = true }),
		"from beyond": forge(t, v.againstTheir, padded("x"), func(f *forgery) { f.counter += 2100 }),
	} {
		if _, err := v.theirs.open(c); !errors.Is(err, signalerror.ErrNoValidSessions) {
			t.Errorf("%s: the library now tells the cause: %v", name, err)
		}
	}
	honest := sealed(t)(v.againstOurs.seal("1"))
	opened(t, "1")(v.ours.open(honest))
	v.ours.refuses(t, honest, status.Duplicate)
	v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), func(f *forgery) { f.spoilMAC = true }), status.Authentication)
	v.ours.refuses(t, forge(t, v.againstOurs, padded("x"), func(f *forgery) { f.counter += 2100 }), status.TooFar)
	newOurs(t).refuses(t, honest, status.NoSession)
}

func TestFault14_PrekeyZeroAndHalfACommit(t *testing.T) {
	// The library writes session and prekey apart: a crash between leaves both.
	v := newVictims(t, false)
	first := sealed(t)(v.againstTheir.seal("1"))
	opened(t, "1")(v.theirs.open(first))
	if v.theirs.prekeys[1] != nil {
		t.Error("the library no longer removes the prekey in a write of its own")
	}
	// Ours stages all of it for one commit: with the commit refused nothing happened.
	message := sealed(t)(v.againstOurs.seal("1"))
	before := v.ours.dump(t)
	in, err := Parse(true, message.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	crash := errors.New("crash before the commit")
	err = Within(v.ours.store, []Address{v.ours.peer}, in.Locks(), func(tx *store.Tx, devices []Device) error {
		if _, err := in.Decrypt(tx, devices[0]); err != nil {
			t.Fatal(err)
		}
		return crash
	})
	if err != crash || !bytes.Equal(before, v.ours.dump(t)) {
		t.Fatalf("half a commit: %v", err)
	}
	opened(t, "1")(v.ours.open(message))
	v.ours.refuses(t, message, status.Duplicate)
	made, err := AddPrekeys(newOurs(t).store, 3)
	if err != nil || made[0].ID == 0 {
		t.Fatalf("a prekey numbered 0, which means none: %v", err)
	}
	thief := newOurs(t)
	stolen := v.againstOurs.record(t).current.pending
	bundle := v.ours.bundle(t)
	bundle.PrekeyID, bundle.Prekey = stolen.prekeyID, bundle.SignedPrekey
	if err := Begin(thief.store, thief.peer, &bundle); err != nil {
		t.Fatal(err)
	}
	other := *v.ours
	other.peer.Device = 9
	other.refuses(t, sealed(t)(thief.seal("with a used prekey")), status.NoPrekey)
}

func TestFault15_PaddingWritesIntoTheCaller(t *testing.T) {
	backing := bytes.Repeat([]byte{0xaa}, 32)
	if _, err := libcipher.EncryptCbc(make([]byte, 16), make([]byte, 32), backing[:5]); err != nil {
		t.Fatal(err)
	}
	if backing[5] == 0xaa {
		t.Error("the library no longer pads in the caller's memory")
	}
	v := newVictims(t, true)
	backing = bytes.Repeat([]byte{0xaa}, 64)
	err := Within(v.ours.store, []Address{v.ours.peer}, nil, func(tx *store.Tx, devices []Device) error {
		_, err := Encrypt(tx, devices[0], backing[:5])
		return err
	})
	if err != nil || !bytes.Equal(backing, bytes.Repeat([]byte{0xaa}, 64)) {
		t.Fatalf("the caller's memory was written to: %v", err)
	}
}

func TestFault16_OneCounterTwice(t *testing.T) {
	v := newVictims(t, true)
	seen := sync.Map{}
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 50 {
				c, err := v.ours.seal("x")
				if err != nil {
					t.Error(err)
					return
				}
				m, err := parseMessage(c.Bytes)
				if err != nil {
					t.Error(err)
					return
				}
				if _, twice := seen.LoadOrStore(fmt.Sprint(m.ratchet, m.counter), true); twice {
					t.Errorf("counter %d was used twice: two messages share key and IV", m.counter)
				}
			}
		})
	}
	group.Wait()
	// The library has no lock: between its load and its store another Encrypt sees the
	// same chain. Two loads of one stored state, as two goroutines do them:
	record := v.theirs.sessions[v.theirs.peer.String()]
	first, second := record.SessionState().SenderChainKey(), record.SessionState().SenderChainKey()
	if !bytes.Equal(first.MessageKeys().CipherKey(), second.MessageKeys().CipherKey()) {
		t.Error("the library now hands out a chain key once")
	}
}

func TestFault17_RecordsThatDoNotComeBack(t *testing.T) {
	d := newTheirs(t)
	had := d.prekeys[1]
	if text := string(had.Serialize()); !strings.HasPrefix(text, "{") {
		t.Errorf("the library's records are no longer JSON: %q", text[:1])
	}
	back, err := librecord.NewPreKeyFromBytes(had.Serialize(), d.serializer.PreKeyRecord)
	if err != nil {
		t.Fatal(err)
	}
	if back.KeyPair().PublicKey().PublicKey() == had.KeyPair().PublicKey().PublicKey() {
		t.Error("the library's prekeys now survive a round trip")
	}
	v := newVictims(t, true)
	encoded, err := Export(v.ours.store, v.ours.peer)
	if err != nil {
		t.Fatal(err)
	}
	var r record
	if err := r.decode(encoded); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(r.encode(nil), encoded) {
		t.Fatal("a record does not survive a round trip")
	}
}

func TestFault18_PrintsKeys(t *testing.T) {
	print := func(work func()) string {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		out, errout := os.Stdout, os.Stderr
		os.Stdout, os.Stderr = w, w
		work()
		os.Stdout, os.Stderr = out, errout
		w.Close()
		text, _ := io.ReadAll(r)
		return string(text)
	}
	quiet := logger.Logger
	logger.Logger = nil
	if print(func() { logger.Error("a key") }) == "" {
		t.Error("the library no longer prints by default")
	}
	logger.Logger = quiet
	v := newVictims(t, true)
	text := print(func() {
		v.ours.open(forge(t, v.againstOurs, padded("x"), bogusTurn))
		v.ours.open(Ciphertext{Bytes: []byte("nonsense")})
		v.ours.seal("x")
	})
	if text != "" {
		t.Fatalf("printed: %q", text)
	}
}

func TestFault19_TrustIsCheckedTooLate(t *testing.T) {
	v := newVictimsWith(t, sharing(t), true)
	var private, public [32]byte
	curve.Generate(&private, &public)
	other, err := keyhelper.GenerateIdentityKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	state := v.theirs.sessions[v.theirs.peer.String()].SessionState()
	before := state.SenderChainKey().Index()
	v.theirs.SaveIdentity(t.Context(), v.theirs.peer, other.PublicKey())
	if _, err := v.theirs.seal("x"); !errors.Is(err, signalerror.ErrUntrustedIdentity) || state.SenderChainKey().Index() == before {
		t.Errorf("the library now checks trust before it moves the chain: %v", err)
	}
	incoming := sealed(t)(v.againstOurs.seal("x"))
	if err := Trust(v.ours.store, v.ours.peer, &public); err != nil {
		t.Fatal(err)
	}
	dump := v.ours.dump(t)
	if _, err := v.ours.seal("x"); status.Of(err) != status.UntrustedIdentity {
		t.Fatalf("sealed for an identity that is not trusted: %v", err)
	}
	if !bytes.Equal(dump, v.ours.dump(t)) {
		t.Fatal("a refused seal moved the chain")
	}
	v.ours.refuses(t, incoming, status.UntrustedIdentity)
}

func TestFault20_ErrorTextsCarryMessageBytes(t *testing.T) {
	if _, err := bytehelper.SplitThree([]byte("message bytes"), 1, 100, 8); err == nil || !strings.Contains(err.Error(), "message bytes") {
		t.Errorf("the library's error texts are now clean: %v", err)
	}
	v := newVictims(t, true)
	honest := sealed(t)(v.againstOurs.seal("x"))
	for i := range honest.Bytes {
		forged := Ciphertext{Bytes: append([]byte(nil), honest.Bytes...)}
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

func TestFault21_NumbersOfTheWrongSize(t *testing.T) {
	large := false
	for range 64 {
		large = large || keyhelper.GenerateRegistrationID() > 1<<14
	}
	if made, err := keyhelper.GeneratePreKeys(5, 3, newTheirs(t).serializer.PreKeyRecord); !large || err != nil || len(made) != 0 {
		t.Errorf("the library's numbers are now right: %d prekeys", len(made))
	}
	for range 64 {
		if id := newRegistrationID(); id == 0 || id > 1<<14-1 {
			t.Fatalf("registration id %d", id)
		}
	}
	if made, err := AddPrekeys(newOurs(t).store, 3); err != nil || len(made) != 3 {
		t.Fatalf("%d prekeys of 3: %v", len(made), err)
	}
}

func TestFault22_SecretsStay(t *testing.T) {
	v := newVictims(t, true)
	chain := v.theirs.sessions[v.theirs.peer.String()].SessionState().SenderChainKey().Key()
	sealed(t)(v.theirs.seal("x"))
	if bytes.Equal(chain, make([]byte, 32)) {
		t.Error("the library now wipes an old chain key")
	}
	r := v.ours.record(t)
	s := r.current
	s.receivers[0].keep(messageKeys{index: 5, cipher: [32]byte{1}})
	skipped := s.receivers[0].skipped
	r.wipe()
	if s.root != [32]byte{} || s.sender != (senderChain{}) || s.room[0].chain != (chainKey{}) || skipped[0] != (messageKeys{}) {
		t.Fatal("a wiped record still holds keys")
	}
}

func TestFault23_SessionThatNobodyAnswers(t *testing.T) {
	v := newVictims(t, false)
	sealed(t)(v.againstTheir.seal("the library has no date in its record"))
	r := v.againstOurs.record(t)
	r.current.pending.since = time.Now().Add(-maxUnacknowledged + time.Hour).Unix()
	v.againstOurs.setRecord(t, r)
	sealed(t)(v.againstOurs.seal("still fine"))
	r = v.againstOurs.record(t)
	r.current.pending.since = time.Now().Add(-maxUnacknowledged - time.Hour).Unix()
	v.againstOurs.setRecord(t, r)
	if _, err := v.againstOurs.seal("too old"); status.Of(err) != status.NoSession {
		t.Fatalf("sealed on a session that nobody answered for 30 days: %v", err)
	}
	if err := Check(v.againstOurs.store, v.againstOurs.peer); status.Of(err) != status.NoSession {
		t.Fatal(err)
	}
}
