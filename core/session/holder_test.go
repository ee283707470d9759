package session_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"libcallkey/core/curve"
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest/hardening"
	"libcallkey/core/status"
)

// holder is a program that keeps a device's records itself, and what it has of one peer. It does
// what the program is told to: of two results for one record it commits one, and with that the
// peer's identity and the prekey or the base key that the message used up.
type holder struct {
	*account
	peer string
}

var _ hardening.Device = holder{}

// account is a device's tables.
type account struct {
	private [32]byte
	signed  [32]byte       // the private signed prekey
	bundle  session.Bundle // without a one-time prekey

	mu       sync.Mutex
	lastID   uint32
	prekeys  map[uint32][32]byte
	baseKeys map[[32]byte]bool // of the signed prekey
	peers    map[string]*row   // two names of one device have one
}

// row is what a commit replaces, never a part of it.
type row struct{ record, identity []byte }

func newHolder(t testing.TB) holder {
	t.Helper()
	a := &account{prekeys: map[uint32][32]byte{}, baseKeys: map[[32]byte]bool{}, peers: map[string]*row{}}
	own, err := session.OpenAccount(session.GenerateAccount(&a.private, session.System), &a.private)
	if err != nil {
		t.Fatal(err)
	}
	a.bundle = session.Bundle{RegistrationID: own.RegistrationID, IdentityKey: own.Public, SignedPrekeyID: 1}
	a.bundle.SignedPrekey, a.bundle.Signature, err = session.GenerateSignedPrekey(&a.signed, own, a.bundle.SignedPrekeyID, session.System)
	if err != nil {
		t.Fatal(err)
	}
	return holder{a, "peer:1"}
}

func (h holder) New(t testing.TB) hardening.Device {
	t.Helper()
	return newHolder(t)
}

func (h holder) At(peer string) hardening.Device { return holder{h.account, peer} }

func (h holder) Own(testing.TB) (identity [32]byte, registrationID uint32) {
	return h.bundle.IdentityKey, h.bundle.RegistrationID
}

func (h holder) AddPrekeys(n int) (ids []uint32, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for range n {
		var private [32]byte
		h.lastID++
		if _, err := session.GeneratePrekey(&private, h.lastID, session.System); err != nil {
			return nil, err
		}
		h.prekeys[h.lastID] = private
		ids = append(ids, h.lastID)
	}
	return ids, nil
}

func (h holder) Bundle(t testing.TB) session.Bundle {
	t.Helper()
	ids, err := h.AddPrekeys(1)
	if err != nil {
		t.Fatal(err)
	}
	b, private := h.bundle, h.prekeys[ids[0]]
	b.PrekeyID = ids[0]
	curve.Public(&b.Prekey, &private)
	return b
}

// load is the peer's row, nil if there is none, and what it has.
func (h holder) load() (*row, row) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.peers[h.peer]
	if r == nil {
		return nil, row{}
	}
	return r, *r
}

var errLost = errors.New("another commit was first")

// commit replaces the row, for all names of the peer, and does what use does, or neither. It is
// errLost if another commit was first.
func (h holder) commit(was, next *row, use func() error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.peers[h.peer] != was {
		return errLost
	}
	if err := use(); err != nil {
		return err
	}
	h.peers[h.peer] = next
	for name, r := range h.peers {
		if r == was {
			h.peers[name] = next
		}
	}
	return nil
}

func nothing() error { return nil }

// change computes the next row and commits it, and begins again if another commit was first.
func (h holder) change(work func(r row) (row, error)) error {
	for {
		was, r := h.load()
		next, err := work(r)
		if err != nil {
			return err
		}
		if err := h.commit(was, &next, nothing); err != errLost {
			return err
		}
	}
}

func (h holder) keys(r row) *session.Keys {
	return &session.Keys{RegistrationID: h.bundle.RegistrationID, Private: &h.private, Identity: r.identity}
}

func (h holder) Begin(b *session.Bundle) error {
	return h.change(func(r row) (next row, err error) {
		next.record, err = session.BeginRecord(r.record, h.keys(r), b, time.Now().Unix(), session.System)
		next.identity = bytes.Clone(b.IdentityKey[:])
		return next, err
	})
}

func (h holder) CanSeal() error {
	_, r := h.load()
	info, err := session.RecordInfo(r.record, r.identity, time.Now().Unix())
	if err == nil && !info.CanSeal {
		return status.New(status.NoSession, "the session does not seal")
	}
	return err
}

func (h holder) Seal(plaintext []byte) (c session.Ciphertext, err error) {
	err = h.change(func(r row) (next row, err error) {
		next.identity = r.identity
		next.record, c, err = session.SealRecord(r.record, h.keys(r), plaintext, time.Now().Unix())
		return next, err
	})
	return c, err
}

// opened is a message that was opened, and its commit.
type opened struct {
	plaintext string
	was, next *row
	use       func() error
}

// try opens a message and commits nothing. It calls without prekeys first: only a message that
// begins a session is NO_PREKEY then, and only of such a message the prekeys' ids mean anything.
// A message of a known session may name any, and must not use them up.
func (h holder) try(c session.Ciphertext) (o opened, err error) {
	var r row
	o.use = nothing
	o.was, r = h.load()
	keys := h.keys(r)
	o.plaintext, o.next, err = advance(r, keys, c)
	if code := status.Of(err); code != status.NoPrekey && code != status.UntrustedIdentity {
		return o, err
	}
	in, parsed := session.Parse(c.Prekey, c.Bytes)
	if parsed != nil {
		return o, parsed
	}
	first, begins := in.First()
	h.mu.Lock()
	prekey, there := h.prekeys[first.PrekeyID]
	began := h.baseKeys[first.BaseKey]
	h.mu.Unlock()
	switch {
	case begins && first.PrekeyID == 0 && began: // whoever it is said to be from
		return o, status.New(status.Duplicate, "the message's session began before")
	case status.Of(err) != status.NoPrekey:
		return o, err
	case there:
		keys.Prekey = &prekey
	}
	if first.SignedPrekeyID == h.bundle.SignedPrekeyID {
		keys.SignedPrekey = &h.signed
	}
	o.plaintext, o.next, err = advance(r, keys, c)
	o.use = func() error { return h.use(&first) }
	return o, err
}

func advance(r row, keys *session.Keys, c session.Ciphertext) (plaintext string, next *row, err error) {
	record, text, sender, err := session.OpenRecord(r.record, keys, c.Prekey, c.Bytes, time.Now().Unix(), session.System)
	return string(text), &row{record, sender[:]}, err
}

// use uses up what a first message used, as a part of its commit.
func (h holder) use(first *session.First) error {
	if first.PrekeyID == 0 {
		if h.baseKeys[first.BaseKey] {
			return errLost
		}
		h.baseKeys[first.BaseKey] = true
		return nil
	}
	if _, there := h.prekeys[first.PrekeyID]; !there {
		return errLost
	}
	delete(h.prekeys, first.PrekeyID)
	return nil
}

func (h holder) Open(c session.Ciphertext) (plaintext string, err error) {
	for {
		o, err := h.try(c)
		if err != nil {
			return "", err
		}
		if err := h.commit(o.was, o.next, o.use); err != errLost {
			return o.plaintext, err
		}
	}
}

func (h holder) OpenAndDie(t testing.TB, c session.Ciphertext) {
	t.Helper()
	if _, err := h.try(c); err != nil {
		t.Fatal(err)
	}
}

func (h holder) Trust(key *[32]byte) error {
	return h.change(func(r row) (row, error) { return row{r.record, bytes.Clone(key[:])}, nil })
}

func (h holder) Record() ([]byte, error) {
	if _, r := h.load(); len(r.record) > 0 {
		return bytes.Clone(r.record), nil
	}
	return nil, status.New(status.NoSession, "no record of the peer")
}

func (h holder) SetRecord(t testing.TB, record []byte) {
	t.Helper()
	if err := h.change(func(r row) (row, error) { return row{bytes.Clone(record), r.identity}, nil }); err != nil {
		t.Fatal(err)
	}
}

// Import merges the record with none, which checks its keys.
func (h holder) Import(record []byte) error {
	return h.change(func(r row) (next row, err error) {
		if next.record, err = session.MergeRecords(nil, record); err != nil {
			return next, err
		}
		info, err := session.RecordInfo(next.record, nil, time.Now().Unix())
		if err == nil && r.identity != nil && !bytes.Equal(r.identity, info.IdentityKey[:]) {
			err = status.New(status.UntrustedIdentity, "the record is another identity's")
		}
		next.identity = info.IdentityKey[:]
		return next, err
	})
}

func (h holder) Remove() error {
	return h.change(func(r row) (row, error) { return row{nil, r.identity}, nil })
}

func (h holder) Tie(other hardening.Device) error {
	o := other.(holder)
	_, from := o.load()
	err := h.change(func(r row) (next row, err error) {
		next.record, err = session.MergeRecords(r.record, from.record)
		next.identity = r.identity
		if next.identity == nil {
			next.identity = from.identity
		}
		return next, err
	})
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.peers[o.peer] = h.peers[h.peer]
	return nil
}

func (h holder) Untie() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.peers, h.peer)
	return nil
}

func (h holder) ForgetFirstMessages(testing.TB) {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.baseKeys)
}

func (h holder) Dump(testing.TB) (all []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	add := func(b []byte) { all = append(binary.AppendUvarint(all, uint64(len(b))), b...) }
	for _, name := range slices.Sorted(maps.Keys(h.peers)) {
		add([]byte(name))
		add(h.peers[name].record)
		add(h.peers[name].identity)
	}
	for _, id := range slices.Sorted(maps.Keys(h.prekeys)) {
		private := h.prekeys[id]
		add(binary.AppendUvarint(nil, uint64(id)))
		add(private[:])
	}
	for _, key := range slices.SortedFunc(maps.Keys(h.baseKeys), func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) }) {
		add(key[:])
	}
	return all
}
