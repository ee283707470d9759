package offer_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// scene is a store that meets disk errors, and its peers, whose disks are sound. All of it
// can be set back to how it was.
type scene struct {
	disk    *disk
	dir     string
	path    string                       // of the store
	images  map[string]map[string][]byte // file contents by the end of their names
	records map[string]map[string][]byte // of the peers' sessions with the store
	peers   map[string]*store.Store      // by JID

	turn, first, rival letter // under way to the store
	overtaken          letter // too, from phoneJID
	failed             bool   // the call under test
	opened             map[string]bool
	used               map[string]bool
	taken              map[uint32]bool // one-time prekeys handed out
	stood              int             // changes that stood although their call failed
}

// letter is a sealed call key.
type letter struct {
	from       string
	key        [callkey.Bytes]byte
	kind       stanza.EncType
	ciphertext []byte
}

const (
	// The devices of one callee have had the same messages, so their counters are the same.
	deviceJID   = "222:1@lid"
	tabletJID   = "222:2@lid"
	watchJID    = "222:3@lid"
	strangerJID = "333:0@lid" // began a session, with the same one-time prekey as its rival
	rivalJID    = "444:0@lid"
	newJID      = "555:0@lid"
	phoneJID    = "15550:7@s.whatsapp.net" // has a session; is also
	lidJID      = "666:7@lid"

	ownJID  = "999:1@lid"
	crashed = "-crashed"
)

const (
	closed  = "a closed store"
	inUse   = "a store in use" // its log was not written back
	longLog = "a store with a long log"
	nothing = "no store"
)

// ends of the names of a store's files. The index of the log is made anew by who opens it.
var ends = []string{"", "-wal"}

func newScene(t *testing.T, dir string, d *disk) *scene {
	x := &scene{disk: d, dir: dir, path: filepath.Join(dir, "store"), peers: map[string]*store.Store{},
		images: map[string]map[string][]byte{nothing: {}}, records: map[string]map[string][]byte{}, used: map[string]bool{}}
	s := x.open(t, "new")
	for _, jid := range []string{deviceJID, tabletJID, watchJID, strangerJID, rivalJID, newJID, phoneJID} {
		x.peers[jid] = openStore(t, false)
	}
	for _, jid := range []string{deviceJID, tabletJID, watchJID, phoneJID} {
		begin(t, s, x.peers[jid], jid)
		x.arrives(t, x.sealed(t, s, jid), jid)
		x.comes(t, s, x.letter(t, jid))
		x.arrives(t, x.sealed(t, s, jid), jid)
	}
	if _, err := signal.AddPrekeys(s, 3); err != nil {
		t.Fatal(err)
	}
	bundle, err := signal.TakeBundle(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, jid := range []string{strangerJID, rivalJID} {
		if err := signal.Begin(x.peers[jid], addressOf(t, ownJID), &bundle); err != nil {
			t.Fatal(err)
		}
	}
	x.first, x.rival = x.letter(t, strangerJID), x.letter(t, rivalJID)
	x.turn = x.letter(t, deviceJID)
	x.overtaken = x.letter(t, phoneJID)
	x.comes(t, s, x.letter(t, phoneJID))
	x.take(t, inUse)
	shut := func() {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	shut()
	x.take(t, closed)
	s = x.open(t, "again")
	// SQLite writes the log back at a commit that finds 1000 pages in it.
	for logged := int64(0); logged < 994*(4096+24); {
		x.arrives(t, x.sealed(t, s, deviceJID), deviceJID)
		file, err := os.Stat(x.path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		logged = file.Size()
	}
	x.take(t, longLog)
	shut()
	return x
}

// take keeps the files and the peers as they are now.
func (x *scene) take(t *testing.T, image string) {
	files, records := map[string][]byte{}, map[string][]byte{}
	for _, end := range ends {
		if b, err := os.ReadFile(x.path + end); err == nil {
			files[end] = b
		}
	}
	for jid, peer := range x.peers {
		if record, err := signal.Export(peer, addressOf(t, ownJID)); err == nil {
			records[jid] = record
		}
	}
	x.images[image], x.records[image] = files, records
}

// restore goes back to it.
func (x *scene) restore(t *testing.T, image string) {
	x.path = filepath.Join(x.dir, "store")
	left, _ := filepath.Glob(x.path + "*")
	for _, path := range left {
		os.Remove(path)
	}
	for end, b := range x.images[image] {
		if err := os.WriteFile(x.path+end, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for jid, peer := range x.peers {
		err := signal.Remove(peer, addressOf(t, ownJID))
		if record := x.records[image][jid]; err == nil && record != nil {
			err = signal.Import(peer, addressOf(t, ownJID), record)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	x.opened, x.used, x.taken, x.failed = map[string]bool{}, map[string]bool{}, map[uint32]bool{}, false
}

// crash copies the files as they are while the store is open.
func (x *scene) crash(t *testing.T) {
	for _, end := range ends {
		b, err := os.ReadFile(x.path + end)
		if err != nil {
			continue
		}
		if err := os.WriteFile(x.path+crashed+end, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// letter is one from a peer to the store.
func (x *scene) letter(t *testing.T, from string) letter {
	l := letter{from: from, key: newKey(t)}
	var err error
	if l.ciphertext, l.kind, err = offer.SealEnc(x.peers[from], ownJID, l.key[:], -1); err != nil {
		t.Fatal(err)
	}
	return l
}

// delivered opens a letter; whatever happens, its key comes out once at most.
func (x *scene) delivered(t *testing.T, s *store.Store, l letter) error {
	var key [callkey.Bytes]byte
	err := offer.OpenEnc(s, &key, l.from, l.kind, 2, l.ciphertext)
	id := string(l.ciphertext)
	switch {
	case err == nil && (key != l.key || x.opened[id]):
		t.Fatalf("opened to the right key: %v, opened before: %v", key == l.key, x.opened[id])
	case err != nil && key != [callkey.Bytes]byte{}:
		t.Fatalf("a key came with the error %v", err)
	case err == nil && x.opened != nil:
		x.opened[id] = true
	}
	return err
}

func (x *scene) comes(t *testing.T, s *store.Store, l letter) {
	if err := x.delivered(t, s, l); err != nil {
		t.Fatal(err)
	}
}

// known: the letter opens now, or it was opened before, perhaps by the call that failed.
func (x *scene) known(t *testing.T, s *store.Store, l letter, when string) {
	had := x.opened[string(l.ciphertext)]
	switch code := status.Of(x.delivered(t, s, l)); {
	case code == status.OK:
	case code == status.Duplicate && had:
	case code == status.Duplicate && x.failed:
		x.stood++
		x.opened[string(l.ciphertext)] = true
	default:
		t.Fatalf("%s: the letter is %s, opened before: %v", when, code.Name(), had)
	}
}

// sealed is a letter of the store's to a peer.
func (x *scene) sealed(t *testing.T, s *store.Store, to string) letter {
	l, err := x.seal(t, s, to)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (x *scene) seal(t *testing.T, s *store.Store, to string) (letter, error) {
	l := letter{key: newKey(t)}
	var err error
	l.ciphertext, l.kind, err = offer.SealEnc(s, to, l.key[:], -1)
	if err != nil && l.ciphertext != nil {
		t.Fatalf("a ciphertext came with the error %v", err)
	}
	return l, err
}

// arrives: the peer opens what the store released, and its message key is new.
func (x *scene) arrives(t *testing.T, l letter, to string) {
	name := to + keyName(t, l.kind == stanza.EncPkmsg, l.ciphertext)
	if x.used[name] {
		t.Fatal("a message key was used for two messages")
	}
	x.used[name] = true
	var key [callkey.Bytes]byte
	if err := offer.OpenEnc(x.peers[to], &key, ownJID, l.kind, 2, l.ciphertext); err != nil || key != l.key {
		t.Fatalf("%s can't open what was sealed for it: %v", to, err)
	}
}

// talks: a peer and the store understand each other, both ways.
func (x *scene) talks(t *testing.T, s *store.Store, with string, when string) {
	l, err := x.seal(t, s, with)
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	x.arrives(t, l, with)
	answer := x.letter(t, with)
	if err := x.delivered(t, s, answer); err != nil {
		t.Fatalf("%s: an answer: %v", when, err)
	}
}

// fanOut seals one offer for the callee's devices.
func (x *scene) fanOut(t *testing.T, s *store.Store, when string) error {
	key := newKey(t)
	jids := []string{deviceJID, tabletJID, watchJID}
	sealed, err := offer.Seal(s, key[:], jids, &callOptions, -1)
	if err != nil {
		if sealed.Wire != nil {
			t.Fatalf("%s: an offer came with the error %v", when, err)
		}
		return err
	}
	counters := map[string]bool{}
	for i, jid := range jids {
		if sealed.Statuses[i] != status.OK {
			t.Fatalf("%s: %s: %s", when, jid, sealed.Statuses[i].Name())
		}
		_, ciphertext, err := stanza.ParseOffer(sealed.Wire, []string{jid})
		if err != nil {
			t.Fatal(err)
		}
		l := letter{key: key, kind: sealed.EncTypes[i], ciphertext: bytes.Clone(ciphertext)}
		x.arrives(t, l, jid)
		_, counter, _ := strings.Cut(keyName(t, l.kind == stanza.EncPkmsg, l.ciphertext), " ")
		counters[counter] = true
	}
	if len(counters) != 1 {
		t.Fatalf("%s: the sessions of one offer are at counters %v: a part of a commit stood", when, counters)
	}
	return nil
}

// begins seals one offer for a new device and one that is known.
func (x *scene) begins(t *testing.T, s *store.Store) error {
	bundle, err := signal.TakeBundle(x.peers[newJID])
	must(t, "the peer", err)
	key := newKey(t)
	jids := []string{deviceJID, newJID}
	sealed, err := offer.Begin(s, key[:], jids, []*session.Bundle{nil, &bundle}, &callOptions, -1)
	if err != nil {
		if sealed.Wire != nil {
			t.Fatalf("an offer came with the error %v", err)
		}
		return err
	}
	for i, jid := range jids {
		if sealed.Statuses[i] != status.OK {
			t.Fatalf("%s: %s", jid, sealed.Statuses[i].Name())
		}
		_, ciphertext, err := stanza.ParseOffer(sealed.Wire, []string{jid})
		must(t, jid, err)
		x.arrives(t, letter{key: key, kind: sealed.EncTypes[i], ciphertext: bytes.Clone(ciphertext)}, jid)
	}
	return nil
}

// bundle is one to hand out. Each has a one-time prekey that no other had.
func (x *scene) bundle(s *store.Store) (session.Bundle, error) {
	b, err := signal.TakeBundle(s)
	if err == nil && (b.PrekeyID == 0 || x.taken[b.PrekeyID]) {
		return b, fmt.Errorf("one-time prekey %d was handed out twice, or is none", b.PrekeyID)
	}
	if err == nil {
		x.taken[b.PrekeyID] = true
	}
	return b, err
}
