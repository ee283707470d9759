package offer_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// fixture describes a store file that some version of the library wrote.
type fixture struct {
	Library        string                    `json:"library"`
	StorageKey     *hexBytes                 `json:"storage_key"` // null: a plaintext store
	Identity       hexBytes                  `json:"identity"`
	RegistrationID uint32                    `json:"registration_id"`
	Sessions       []string                  `json:"sessions"`
	NextEncType    map[string]stanza.EncType `json:"next_enc_type"`
	Records        map[string]hexBytes       `json:"records"`
	StillToOpen    []fixtureMessage          `json:"still_to_open"`
	Opened         []fixtureMessage          `json:"opened,omitempty"` // DUPLICATE, under whatever name
	Kept           []fixtureMessage          `json:"kept,omitempty"`   // opened with KeepOpened and not done
}

type fixtureMessage struct {
	JID        string         `json:"jid"`
	EncType    stanza.EncType `json:"enc_type"`
	Ciphertext hexBytes       `json:"ciphertext"`
	Key        hexBytes       `json:"key"`
}

type hexBytes []byte

func (b *hexBytes) UnmarshalText(text []byte) (err error) {
	*b, err = hex.DecodeString(string(text))
	return err
}

func (b hexBytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(b)), nil }

var fixtureFolder = filepath.Join("..", "..", "testdata", "stores")

// everyFixture runs with a copy of each store file of an earlier version.
func everyFixture(t *testing.T, run func(t *testing.T, f *fixture, path string)) {
	found, _ := filepath.Glob(filepath.Join(fixtureFolder, "*.db"))
	if len(found) < 2 {
		t.Fatalf("%d store files", len(found))
	}
	for _, file := range found {
		name := strings.TrimSuffix(filepath.Base(file), ".db")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(strings.TrimSuffix(file, ".db") + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var f fixture
			if err := json.Unmarshal(text, &f); err != nil {
				t.Fatal(err)
			}
			image, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "store")
			if err := os.WriteFile(path, image, 0o600); err != nil {
				t.Fatal(err)
			}
			run(t, &f, path)
		})
	}
}

func (f *fixture) open(t *testing.T, path string, o store.Options) *store.Store {
	t.Helper()
	var storageKey []byte
	if f.StorageKey != nil {
		storageKey = *f.StorageKey
	}
	o.Plaintext, o.MustExist = storageKey == nil, true
	s, err := signal.OpenStore(path, storageKey, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// tooOld reports whether a session of ours was begun 30 days ago and never answered.
func (f *fixture) tooOld(jid string, err error) bool {
	return f.NextEncType[jid] == stanza.EncPkmsg && status.Of(err) == status.NoSession && strings.Contains(err.Error(), "30 days")
}

// Fault 35: a file of an earlier version opens, every session in it goes on, and every message
// that was under way opens. Otherwise an update of the library costs all sessions.
func TestFault35EarlierStoresGoOn(t *testing.T) {
	everyFixture(t, func(t *testing.T, f *fixture, path string) {
		s := f.open(t, path, store.Options{})
		own, err := signal.OwnIdentity(s)
		if err != nil || !bytes.Equal(own.PublicKey[:], f.Identity) || own.RegistrationID != f.RegistrationID {
			t.Fatalf("another identity: %v", err)
		}
		for _, jid := range f.Sessions {
			if err := signal.Check(s, addressOf(t, jid)); err != nil && !f.tooOld(jid, err) {
				t.Errorf("%s: %v", jid, err)
			}
		}
		for jid, record := range f.Records {
			if !bytes.Equal(export(t, s, jid), record) {
				t.Errorf("%s: another record", jid)
			}
		}
		for i, m := range f.StillToOpen {
			if i == len(f.StillToOpen)/2 { // some are opened after the migrated store was closed
				s.Close()
				s = f.open(t, path, store.Options{})
			}
			var key [callkey.Bytes]byte
			if err := offer.OpenEnc(s, &key, m.JID, m.EncType, 2, m.Ciphertext); err != nil || !bytes.Equal(key[:], m.Key) {
				t.Errorf("message %d of %s: %v", i, m.JID, err)
			}
			wantStatus(t, offer.OpenEnc(s, &key, m.JID, m.EncType, 2, m.Ciphertext), status.Duplicate)
		}
		for _, m := range f.Opened {
			for _, jid := range []string{m.JID, "999:9@lid"} {
				var key [callkey.Bytes]byte
				wantStatus(t, offer.OpenEnc(s, &key, jid, m.EncType, 2, m.Ciphertext), status.Duplicate)
			}
		}
		if len(f.Kept) > 0 {
			s.Close()
			s = f.open(t, path, store.Options{KeepOpened: true})
		}
		for _, m := range f.Kept {
			var key [callkey.Bytes]byte
			if err := offer.OpenEnc(s, &key, m.JID, m.EncType, 2, m.Ciphertext); err != nil || !bytes.Equal(key[:], m.Key) {
				t.Errorf("a kept message of %s: %v", m.JID, err)
			}
		}
		for jid, want := range f.NextEncType {
			key := newKey(t)
			_, got, err := offer.SealEnc(s, jid, key[:], -1)
			if f.tooOld(jid, err) {
				continue
			}
			if err != nil || got != want && got != stanza.EncMsg { // an opened message acknowledges
				t.Errorf("%s: sealed as %d, want %d: %v", jid, got, want, err)
			}
		}
		// The account still works: a new peer begins with its bundle.
		peer := openStore(t, false)
		begin(t, peer, s, "777:0@lid")
		acknowledge(t, peer, s, "777:0@lid")
	})
}
