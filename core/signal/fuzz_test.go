package signal

import (
	"bytes"
	"fmt"
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"testing"

	"libcallkey/core/curve"
	"libcallkey/core/status"
)

// remoteStatus is every status that bytes of a remote peer may lead to. Anything else
// would blame the app, the store or this library for them.
func remoteStatus(t *testing.T, err error) {
	t.Helper()
	switch code := status.Of(err); code {
	case status.OK, status.Malformed, status.Unsupported, status.InvalidKey, status.Authentication, status.Duplicate,
		status.TooFar, status.NoSession, status.NoPrekey, status.UntrustedIdentity:
	default:
		t.Fatalf("%s: %v", code.Name(), err)
	}
}

// fuzzOpen delivers any bytes to a device that has a session, and then an honest
// message, which must open whatever came before.
func fuzzOpen(f *testing.F, prekey bool) {
	seed := newVictims(f, !prekey)
	for _, spoil := range spoils() {
		f.Add(forge(f, seed.againstOurs, sessiontest.Padded("seed"), spoil).Bytes)
	}
	f.Add([]byte{0x33})
	v := newVictims(f, true) // one pair for all inputs: none may change it
	f.Fuzz(func(t *testing.T, wire []byte) {
		before := v.ours.dump(t)
		_, err := v.ours.open(session.Ciphertext{Bytes: wire, Prekey: prekey})
		remoteStatus(t, err)
		if err == nil {
			t.Fatal("bytes that nobody sealed were opened")
		}
		if !bytes.Equal(before, v.ours.dump(t)) {
			t.Fatal("a refused message changed the store")
		}
		opened(t, "honest")(v.ours.open(sealed(t)(v.againstOurs.seal("honest"))))
	})
}

// spoils turn an honest message into one that is rejected late, each at another place.
func spoils() []func(f *sessiontest.Forgery) {
	lowOrder := curve.Typed(&[32]byte{1})
	return []func(f *sessiontest.Forgery){
		func(*sessiontest.Forgery) {},
		func(f *sessiontest.Forgery) { f.Version = 0x34 },
		func(f *sessiontest.Forgery) { f.SpoilMAC = true },
		(*sessiontest.Forgery).BogusTurn,
		func(f *sessiontest.Forgery) { f.Counter = sessiontest.MaxJump },
		func(f *sessiontest.Forgery) { f.Counter = sessiontest.MaxJump + 5 },
		func(f *sessiontest.Forgery) { f.Ratchet = lowOrder[:] },
		func(f *sessiontest.Forgery) { f.Base = lowOrder[:] },
		func(f *sessiontest.Forgery) { f.Identity = lowOrder[:] },
		func(f *sessiontest.Forgery) { f.PrekeyID = 0 },
		func(f *sessiontest.Forgery) { f.Extra = sessiontest.ExtraField(5) },
		func(f *sessiontest.Forgery) { f.ExtraOutside = sessiontest.ExtraField(7) },
	}
}

func FuzzMessage(f *testing.F)       { fuzzOpen(f, false) }
func FuzzPrekeyMessage(f *testing.F) { fuzzOpen(f, true) }

// FuzzParse runs the parsers alone, which is a thousand times faster than a session.
func FuzzParse(f *testing.F) {
	for _, answered := range []bool{true, false} {
		v := newVictims(f, answered)
		for _, spoil := range spoils() {
			f.Add(!answered, forge(f, v.againstOurs, sessiontest.Padded("seed"), spoil).Bytes)
		}
	}
	f.Fuzz(func(t *testing.T, prekey bool, wire []byte) {
		_, err := Parse(prekey, wire)
		remoteStatus(t, err)
		if err != nil {
			return
		}
		if m := sessiontest.ParseMessage(t, prekey, wire); len(m.Body) == 0 || len(m.Body)%16 != 0 || len(m.MAC) != 8 {
			t.Fatal("parsed into something that can't be decrypted")
		}
	})
}

// FuzzRecord: what imports must export to the same bytes again and be usable.
func FuzzRecord(f *testing.F) {
	v := newVictims(f, true)
	skip := func() {
		sealed(f)(v.againstOurs.seal("skipped"))
		opened(f, "next")(v.ours.open(sealed(f)(v.againstOurs.seal("next"))))
	}
	add := func() {
		encoded, err := Export(v.ours.store, v.ours.peer)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(encoded)
	}
	add()
	skip()
	add()
	bundle := v.againstOurs.bundle(f)
	if err := Begin(v.ours.store, v.ours.peer, &bundle); err != nil {
		f.Fatal(err)
	}
	skip()
	add()
	f.Add(v.theirs.stored[v.theirs.peer.String()])
	f.Fuzz(func(t *testing.T, encoded []byte) {
		d := newOurs(t)
		err := Import(d.store, d.peer, encoded)
		remoteStatus(t, err)
		if err != nil {
			if Check(d.store, d.peer) == nil {
				t.Fatal("a refused record was stored")
			}
			return
		}
		again, err := Export(d.store, d.peer)
		if err != nil {
			t.Fatal(err)
		}
		if err := Import(d.store, d.peer, again); err != nil {
			t.Fatalf("an exported record does not import: %v", err)
		}
		d.seal("x")
	})
}

// FuzzBundle: a bundle that the server made up must not begin a session unless it is
// one that an identity key signed.
func FuzzBundle(f *testing.F) {
	peer := newOurs(f)
	good := peer.bundle(f)
	f.Add(good.RegistrationID, good.PrekeyID, good.SignedPrekeyID, good.IdentityKey[:], good.Prekey[:], good.SignedPrekey[:], good.Signature[:])
	f.Add(good.RegistrationID, uint32(0), good.SignedPrekeyID, good.IdentityKey[:], []byte{}, good.SignedPrekey[:], good.Signature[:])
	f.Add(good.RegistrationID, good.PrekeyID, good.SignedPrekeyID, good.IdentityKey[:], []byte{1}, good.SignedPrekey[:], good.Signature[:])
	f.Fuzz(func(t *testing.T, registration, prekeyID, signedID uint32, identity, prekey, signed, signature []byte) {
		b := session.Bundle{RegistrationID: registration, PrekeyID: prekeyID, SignedPrekeyID: signedID}
		copy(b.IdentityKey[:], identity)
		copy(b.Prekey[:], prekey)
		copy(b.SignedPrekey[:], signed)
		copy(b.Signature[:], signature)
		d := newOurs(t)
		before := d.dump(t)
		err := Begin(d.store, d.peer, &b)
		if code := status.Of(err); code != status.OK && code != status.InvalidKey {
			t.Fatalf("%s: %v", code.Name(), err)
		}
		if err != nil && !bytes.Equal(before, d.dump(t)) {
			t.Fatal("a refused bundle changed the store")
		}
		if err == nil {
			if c := sealed(t)(d.seal("x")); !c.Prekey {
				t.Fatal("a new session must seal prekey messages")
			}
		}
	})
}

// FuzzHistory plays a history that the input describes between two devices: messages are
// sealed, delivered in any order, dropped, delivered twice and corrupted, sessions begun
// anew on either side, stores restarted. A plain model says what must hold.
func FuzzHistory(f *testing.F) {
	f.Add([]byte{0, 1, 10, 10, 0, 0, 1, 1, 20, 30, 40, 2, 60, 70, 3, 0, 1, 10, 11, 12})
	f.Add([]byte("seal, deliver, drop, restart, begin again"))
	// Messages that overtake each other; both begin at once; a late one of an older session;
	// many turns; a corrupted one and a restart between any two.
	f.Add([]byte{0, 0, 0, 0, 26, 18, 10, 2, 26, 18, 10, 2})
	f.Add([]byte{7, 15, 0, 1, 2, 10, 1, 0, 2, 10, 18, 26, 0, 1, 2, 10})
	f.Add([]byte{0, 2, 0, 0, 7, 0, 26, 10, 18, 1, 0, 34, 42, 2, 10, 18})
	f.Add(bytes.Repeat([]byte{0, 2, 1, 10, 6, 14}, 12))
	f.Add(bytes.Repeat([]byte{0, 5, 2, 6, 1, 13, 10, 14, 130}, 8))
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 200 {
			script = script[:200]
		}
		h := newHistory(t)
		for _, step := range script {
			h.play(step)
		}
		h.drain()
	})
}

type history struct {
	t       *testing.T
	devices [2]*ours
	flying  []flight
	used    map[string]bool
	number  int
	begins  int
}

type flight struct {
	to        int
	c         session.Ciphertext
	plaintext string
	came      bool // delivered and opened once
	turns     int  // how many chains the receiver began since this was sealed
	begins    int  // how many sessions were begun then
}

func newHistory(t *testing.T) *history {
	h := &history{t: t, devices: [2]*ours{newOurs(t), newOurs(t)}, used: map[string]bool{}}
	h.begin(0)
	return h
}

func (h *history) begin(from int) {
	if h.begins >= sessiontest.MaxArchived/2 {
		return
	}
	h.begins++
	b := h.devices[1-from].bundle(h.t)
	if err := Begin(h.devices[from].store, h.devices[from].peer, &b); err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) play(step byte) {
	pick := func() (int, bool) {
		if len(h.flying) == 0 {
			return 0, false
		}
		return int(step/8) % len(h.flying), true
	}
	switch step % 8 {
	case 0, 1:
		h.seal(int(step % 2))
	case 2, 3, 4:
		if i, ok := pick(); ok {
			h.deliver(i)
		}
	case 5:
		if i, ok := pick(); ok {
			h.corrupt(i, int(step))
		}
	case 6:
		if i, ok := pick(); ok && step >= 128 {
			h.flying = append(h.flying[:i], h.flying[i+1:]...)
		} else {
			h.restart(int(step/8) % 2)
		}
	case 7:
		h.begin(int(step/8) % 2)
	}
}

func (h *history) seal(from int) {
	h.number++
	text := fmt.Sprint("message ", h.number)
	c, err := h.devices[from].seal(text)
	if status.Of(err) == status.NoSession {
		return // the other side has not heard of it yet
	}
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := Parse(c.Prekey, c.Bytes); err != nil {
		h.t.Fatalf("what we sealed does not parse: %v", err)
	}
	m := sessiontest.ParseMessage(h.t, c.Prekey, c.Bytes)
	name := fmt.Sprint(m.Ratchet, m.Counter)
	if h.used[name] {
		h.t.Fatal("a message key was used twice")
	}
	h.used[name] = true
	h.flying = append(h.flying, flight{to: 1 - from, c: c, plaintext: text, begins: h.begins})
}

// deliver checks one delivery against the model: the first opens to what was sealed, any
// later one does not open. A message is too late when the receiver may have forgotten its
// chain: five chains of a state are kept.
func (h *history) deliver(i int) {
	m := &h.flying[i]
	d := h.devices[m.to]
	before := d.dump(h.t)
	text, err := d.open(m.c)
	late := m.turns >= sessiontest.MaxReceivers-1
	switch code := status.Of(err); {
	case code == status.OK && !m.came && text == m.plaintext:
		m.came = true
		for j := range h.flying {
			if h.flying[j].to == m.to {
				h.flying[j].turns++
			}
		}
	case code == status.OK:
		h.t.Fatalf("%q opened as %q, before: %v", m.plaintext, text, m.came)
	case code == status.Duplicate && m.came:
	case (code == status.Authentication || code == status.NoPrekey || code == status.Duplicate) && late:
	default:
		h.t.Fatalf("%q, came %v, late %v: %v", m.plaintext, m.came, late, err)
	}
	if err != nil && !bytes.Equal(before, d.dump(h.t)) {
		h.t.Fatal("a refused message changed the store")
	}
}

func (h *history) corrupt(i, how int) {
	m := h.flying[i]
	forged := append([]byte(nil), m.c.Bytes...)
	at := how * 7 % len(forged)
	forged[at] ^= 1 << (how % 8)
	if m.c.Prekey && outside(h.t, forged, m.c.Bytes) {
		return
	}
	d := h.devices[m.to]
	before := d.dump(h.t)
	_, err := d.open(session.Ciphertext{Bytes: forged, Prekey: m.c.Prekey})
	remoteStatus(h.t, err)
	if err == nil || !bytes.Equal(before, d.dump(h.t)) {
		h.t.Fatalf("a corrupted message: %v", err)
	}
}

// outside: the two prekey messages differ only in what is not authenticated: the version and
// the numbers, which a session that is known does not need any more.
func outside(t *testing.T, forged, honest []byte) bool {
	a, err := Parse(true, forged)
	if err != nil {
		return false
	}
	b, err := Parse(true, honest)
	if err != nil {
		t.Fatal(err)
	}
	x, y := sessiontest.ParseMessage(t, true, forged), sessiontest.ParseMessage(t, true, honest)
	return bytes.Equal(x.Covered, y.Covered) && bytes.Equal(x.MAC, y.MAC) &&
		a.first.BaseKey == b.first.BaseKey && a.first.Identity == b.first.Identity
}

// restart writes the session out and reads it back, as a restart of the app does.
func (h *history) restart(i int) {
	d := h.devices[i]
	encoded, err := Export(d.store, d.peer)
	if status.Of(err) == status.NoSession {
		return
	}
	if err == nil {
		err = Import(d.store, d.peer, encoded)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// drain delivers the messages in flight: no history may end with a dead session.
func (h *history) drain() {
	for i := range h.flying {
		h.deliver(i)
	}
	for from := range 2 {
		h.flying = nil
		h.seal(from)
		for i := range h.flying {
			h.deliver(i)
		}
	}
}
