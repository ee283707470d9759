package offer_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/store"
)

var writeFixture = flag.String("write-fixture", "", "TestWriteFixture writes store files of this version into testdata/stores")

// TestWriteFixture makes the store files that everyFixture reads, and tries them. Later versions
// must open them, so each version that changes the format adds its own:
//
//	go test ./core/offer -run TestWriteFixture -write-fixture 0.3.0
func TestWriteFixture(t *testing.T) {
	for _, kind := range []string{"sealed", "plaintext"} {
		folder := t.TempDir()
		path := filepath.Join(folder, "store")
		f := makeFixture(t, path, kind == "sealed")
		if *writeFixture == "" {
			continue
		}
		base := filepath.Join(fixtureFolder, *writeFixture+"-"+kind)
		image, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.MarshalIndent(f, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		for name, content := range map[string][]byte{base + ".db": image, base + ".json": append(text, '\n')} {
			if err := os.WriteFile(name, content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// makeFixture writes a store with something of everything: sessions that were answered, begun and
// begun by the peer, two states, messages that are late, an alias, prekeys, a first message without
// a one-time prekey, a message that is kept.
func makeFixture(t *testing.T, path string, isSealed bool) *fixture {
	t.Helper()
	f := &fixture{Library: *writeFixture, NextEncType: map[string]stanza.EncType{}, Records: map[string]hexBytes{}}
	options := store.Options{Plaintext: !isSealed, KeepOpened: true}
	var storageKey []byte
	if isSealed {
		storageKey = bytes.Repeat([]byte{0x5a}, store.StorageKeyBytes)
		f.StorageKey = (*hexBytes)(&storageKey)
	}
	s, err := signal.OpenStore(path, storageKey, options)
	if err != nil {
		t.Fatal(err)
	}
	own, err := signal.OwnIdentity(s)
	if err != nil {
		t.Fatal(err)
	}
	f.Identity, f.RegistrationID = own.PublicKey[:], own.RegistrationID
	const answered, begun, begunByPeer, twice, first, phone = "1001:0@lid", "1002:5@lid", "1003:2@lid", "1004:0@lid", "1005:0@lid", "15550001111@s.whatsapp.net"
	peers := map[string]*store.Store{}
	for _, jid := range []string{answered, begun, begunByPeer, twice, first} {
		peers[jid] = openStore(t, false)
	}
	late := func(jid string) {
		m := sealed(t, peers[jid], callerJID)
		f.StillToOpen = append(f.StillToOpen, fixtureMessage{jid, m.kind, m.ciphertext, m.key[:]})
	}
	begin(t, s, peers[answered], answered)
	acknowledge(t, s, peers[answered], answered)
	late(answered)
	sealed(t, peers[answered], callerJID).opens(t, s, answered)
	late(answered)

	begin(t, s, peers[begun], begun)
	sealed(t, s, begun)

	begin(t, peers[begunByPeer], s, callerJID)
	late(begunByPeer)
	sealed(t, peers[begunByPeer], callerJID).opens(t, s, begunByPeer)

	begin(t, s, peers[twice], twice)
	acknowledge(t, s, peers[twice], twice)
	late(twice)
	begin(t, peers[twice], s, callerJID)
	sealed(t, peers[twice], callerJID).opens(t, s, twice)
	late(twice)
	bundle, err := signal.TakeBundle(s)
	if err != nil {
		t.Fatal(err)
	}
	bundle.PrekeyID = 0
	if err := signal.Begin(peers[first], addressOf(t, callerJID), &bundle); err != nil {
		t.Fatal(err)
	}
	once := sealed(t, peers[first], callerJID)
	once.opens(t, s, first)
	if err := signal.Done(s, addressOf(t, first), once.ciphertext); err != nil {
		t.Fatal(err)
	}
	f.Opened = append(f.Opened, fixtureMessage{first, once.kind, once.ciphertext, once.key[:]})
	kept := sealed(t, peers[first], callerJID)
	kept.opens(t, s, first)
	f.Kept = append(f.Kept, fixtureMessage{first, kept.kind, kept.ciphertext, kept.key[:]})

	if err := signal.Alias(s, addressOf(t, phone), addressOf(t, twice)); err != nil {
		t.Fatal(err)
	}
	if _, err := signal.AddPrekeys(s, 3); err != nil {
		t.Fatal(err)
	}
	f.Sessions = []string{answered, begun, begunByPeer, twice, first, phone}
	for _, jid := range f.Sessions[:5] {
		f.Records[jid] = export(t, s, jid)
	}
	f.NextEncType[answered], f.NextEncType[begun], f.NextEncType[begunByPeer] = stanza.EncMsg, stanza.EncPkmsg, stanza.EncMsg
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return f
}
