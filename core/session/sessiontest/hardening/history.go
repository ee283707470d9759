package hardening

import (
	"bytes"
	"fmt"
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"libcallkey/core/status"
)

// RemoteStatus is every status that bytes of a remote peer may lead to. Anything else
// would blame the app, the store or this library for them.
func RemoteStatus(t *testing.T, err error) {
	t.Helper()
	switch code := status.Of(err); code {
	case status.OK, status.Malformed, status.Unsupported, status.InvalidKey, status.Authentication, status.Duplicate,
		status.TooFar, status.NoSession, status.NoPrekey, status.UntrustedIdentity:
	default:
		t.Fatalf("%s: %v", code.Name(), err)
	}
}

// History plays a history that the input describes between two devices: messages are sealed,
// delivered in any order, dropped, delivered twice and corrupted, sessions begun anew on either
// side, apps restarted. A plain model says what must hold.
func History(f *testing.F, d Device) {
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
		h := newHistory(t, d)
		for _, step := range script {
			h.play(step)
		}
		h.drain()
	})
}

type history struct {
	t       *testing.T
	devices [2]Device
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

func newHistory(t *testing.T, d Device) *history {
	h := &history{t: t, devices: [2]Device{d.New(t), d.New(t)}, used: map[string]bool{}}
	h.begin(0)
	return h
}

func (h *history) begin(from int) {
	if h.begins >= sessiontest.MaxArchived/2 {
		return
	}
	h.begins++
	b := h.devices[1-from].Bundle(h.t)
	MustBegin(h.t, h.devices[from], &b)
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
	c, err := h.devices[from].Seal([]byte(text))
	if status.Of(err) == status.NoSession {
		return // the other side has not heard of it yet
	}
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := session.Parse(c.Prekey, c.Bytes); err != nil {
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
	before := d.Dump(h.t)
	text, err := d.Open(m.c)
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
	if err != nil && !bytes.Equal(before, d.Dump(h.t)) {
		h.t.Fatal("a refused message changed the device")
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
	before := d.Dump(h.t)
	_, err := d.Open(session.Ciphertext{Bytes: forged, Prekey: m.c.Prekey})
	RemoteStatus(h.t, err)
	if err == nil || !bytes.Equal(before, d.Dump(h.t)) {
		h.t.Fatalf("a corrupted message: %v", err)
	}
}

// outside: the two prekey messages differ only in what is not authenticated: the version and
// the numbers, which a session that is known does not need any more.
func outside(t *testing.T, forged, honest []byte) bool {
	a, err := session.Parse(true, forged)
	if err != nil {
		return false
	}
	b, err := session.Parse(true, honest)
	if err != nil {
		t.Fatal(err)
	}
	x, y := sessiontest.ParseMessage(t, true, forged), sessiontest.ParseMessage(t, true, honest)
	return bytes.Equal(x.Covered, y.Covered) && bytes.Equal(x.MAC, y.MAC) &&
		first(a).BaseKey == first(b).BaseKey && first(a).Identity == first(b).Identity
}

func first(in *session.Incoming) session.First {
	f, _ := in.First()
	return f
}

// restart writes the session out and reads it back, as a restart of the app does.
func (h *history) restart(i int) {
	d := h.devices[i]
	encoded, err := d.Record()
	if status.Of(err) == status.NoSession {
		return
	}
	if err == nil {
		err = d.Import(encoded)
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
