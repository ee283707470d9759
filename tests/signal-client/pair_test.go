package signalclient_test

import (
	"bytes"
	"crypto/rand"
	"path/filepath"
	"slices"
	"testing"

	"libcallkey/core/offer"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

const (
	ourJID = "111111111111111:2@lid"
	bobJID = "222222222222222:33@lid"
)

// pair is a session under test: a store of the library's at one end, an account
// of the official client at the other.
type pair struct {
	store *store.Store
	bob   *account
}

// newStore is a store in memory with an identity.
func newStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := signal.OpenStore("", nil, store.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// storeFile is where and under what key a store lives on disk.
type storeFile struct {
	path string
	key  []byte
}

func newStoreFile(t *testing.T) storeFile {
	return storeFile{filepath.Join(t.TempDir(), "store.db"), randomBytes(32)}
}

func (f storeFile) open(t *testing.T) *store.Store {
	t.Helper()
	s, err := signal.OpenStore(f.path, f.key, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newTwin is a store with the identity and registration id of an account.
func newTwin(t *testing.T, a *account) *store.Store {
	t.Helper()
	s, err := signal.OpenStoreWithoutIdentity("", nil, store.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := signal.ImportIdentity(s, (*[32]byte)(a.IdentityPrivate), a.RegistrationID); err != nil {
		t.Fatal(err)
	}
	own, err := signal.OwnIdentity(s)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(own.PublicKey[:], a.IdentityKey) || own.RegistrationID != a.RegistrationID {
		t.Fatal("the imported identity has another public key or registration id than the client gives it")
	}
	return s
}

func takeBundle(t *testing.T, s *store.Store) *session.Bundle {
	t.Helper()
	b, err := signal.TakeBundle(s)
	if err != nil {
		t.Fatal(err)
	}
	return &b
}

// bundleWith is a bundle, or what a server makes of one that withholds the one-time prekey.
func bundleWith(t *testing.T, s *store.Store, prekey bool) *session.Bundle {
	t.Helper()
	b := takeBundle(t, s)
	if b.PrekeyID == 0 {
		t.Fatal("the bundle has no one-time prekey")
	}
	if !prekey {
		b.PrekeyID, b.Prekey = 0, [32]byte{}
	}
	return b
}

// newPair has no session yet.
func newPair(t *testing.T, p *peer) pair {
	t.Helper()
	return pair{newStore(t), p.create(t, "bob")}
}

// newSession is a pair whose session both sides have acknowledged: from here
// on everything is a msg.
func newSession(t *testing.T, p *peer) pair {
	t.Helper()
	l := newPair(t, p)
	l.weBegin(t, true)
	l.opens(t, l.seals(t, "pkmsg"))
	l.carry(t, 1)
	l.opens(t, l.seals(t, "msg"))
	return l
}

// weBegin makes a session from a bundle of bob's.
func (l pair) weBegin(t *testing.T, prekey bool) *bundle {
	t.Helper()
	b := l.bob.publish(t, prekey)
	if err := signal.Begin(l.store, addressOf(t, bobJID), b.ours()); err != nil {
		t.Fatal(err)
	}
	return b
}

// delivery is a message together with the call key that is in it.
type delivery struct {
	message
	key [32]byte
}

// seals is us sealing a new call key for bob, as an enc of the given type.
func (l pair) seals(t *testing.T, want string) delivery {
	t.Helper()
	d := delivery{key: newKey()}
	ciphertext, encType, err := offer.SealEnc(l.store, bobJID, d.key[:], -1)
	if err != nil {
		t.Fatal(err)
	}
	d.Type, d.Ciphertext = map[stanza.EncType]string{stanza.EncMsg: "msg", stanza.EncPkmsg: "pkmsg"}[encType], ciphertext
	if d.Type != want {
		t.Fatalf("sealed an enc of type %d, not a %s", encType, want)
	}
	if ciphertext[0] != 0x33 {
		t.Fatalf("sealed a message of version byte %#x; WhatsApp writes 0x33", ciphertext[0])
	}
	return d
}

// opens is bob opening it and finding exactly the padded protobuf of the key.
func (l pair) opens(t *testing.T, d delivery) {
	t.Helper()
	plaintext, err := l.bob.decrypt(t, ourJID, d.message)
	if err != nil {
		t.Fatalf("signal-client %s does not open our %s: %v", l.bob.version, d.Type, err)
	}
	checkPlaintext(t, plaintext, d.key)
}

// bobSeals is bob sealing a new call key for us.
func (l pair) bobSeals(t *testing.T, want string) delivery {
	t.Helper()
	d := delivery{key: newKey()}
	d.message = l.bob.encrypt(t, ourJID, paddedPlaintext(d.key))
	if d.Type != want {
		t.Fatalf("signal-client %s sealed a %s, not a %s", l.bob.version, d.Type, want)
	}
	if d.Ciphertext[0] != versionByte[l.bob.version] {
		t.Fatalf("signal-client %s wrote version byte %#x", l.bob.version, d.Ciphertext[0])
	}
	return d
}

// open is us opening what came from bob.
func (l pair) open(m message) (key [32]byte, err error) {
	err = offer.OpenEnc(l.store, &key, bobJID, m.encType(), 2, m.Ciphertext)
	return key, err
}

// weOpen is us opening it and finding the key.
func (l pair) weOpen(t *testing.T, d delivery) {
	t.Helper()
	key, err := l.open(d.message)
	if err != nil {
		t.Fatalf("a %s of signal-client %s: %v", d.Type, l.bob.version, err)
	}
	if key != d.key {
		t.Fatal("opened another call key than was sealed")
	}
}

// weRefuse is us refusing it with one of the statuses, giving out no key and
// keeping the session as it was, byte for byte.
func (l pair) weRefuse(t *testing.T, m message, allowed ...status.Code) {
	t.Helper()
	before := l.session()
	key, err := l.open(m)
	if got := status.Of(err); !slices.Contains(allowed, got) {
		t.Fatalf("status %s, not one of %v: %v", got.Name(), names(allowed), err)
	}
	if key != ([32]byte{}) {
		t.Fatal("a refused message left something in the key")
	}
	if !bytes.Equal(before, l.session()) {
		t.Fatal("a refused message changed the session")
	}
}

// session is our record of the session with bob, nil if there is none.
func (l pair) session() []byte {
	name, device := mustParse(bobJID).Address()
	record, err := signal.Export(l.store, signal.Address{Name: name, Device: device})
	if err != nil {
		return nil
	}
	return record
}

// carry is n call keys from bob to us, in order.
func (l pair) carry(t *testing.T, n int) {
	t.Helper()
	for range n {
		l.weOpen(t, l.bobSeals(t, "msg"))
	}
}

func names(codes []status.Code) (out []string) {
	for _, c := range codes {
		out = append(out, c.Name())
	}
	return out
}

func mustParse(jid string) stanza.JID {
	parsed, err := stanza.ParseJID(jid)
	if err != nil {
		panic(err)
	}
	return parsed
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func newKey() (key [32]byte) {
	rand.Read(key[:])
	return key
}

// header is Message{call{callKey}} up to the 32 bytes of the key (protocol.md §1).
// It is spelt out here, and so is the padding, so that a mistake in the library's
// own encoder cannot hide in its decoder.
var header = []byte{0x52, 0x22, 0x0a, 0x20}

// paddedPlaintext is the 36-byte protobuf and 1 to 16 bytes of padding.
func paddedPlaintext(key [32]byte) []byte {
	n := int(randomBytes(1)[0]%16) + 1
	return slices.Concat(header, key[:], bytes.Repeat([]byte{byte(n)}, n))
}

func checkPlaintext(t *testing.T, plaintext []byte, key [32]byte) {
	t.Helper()
	n := len(plaintext) - 36
	if n < 1 || n > 16 {
		t.Fatalf("a plaintext of %d bytes; a padded call key has 37 to 52", len(plaintext))
	}
	if want := slices.Concat(header, key[:], bytes.Repeat([]byte{byte(n)}, n)); !bytes.Equal(plaintext, want) {
		t.Fatal("the plaintext is not the padded protobuf of the call key")
	}
}
