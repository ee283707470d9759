package signal_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"sync"
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

func removeUser(t testing.TB, s *store.Store, user string) {
	t.Helper()
	if err := signal.RemoveUser(s, user); err != nil {
		t.Fatal(err)
	}
}

// rowsOf is the number of rows in each table that is about others.
func rowsOf(t testing.TB, s *store.Store) map[store.Table]int {
	t.Helper()
	n := map[store.Table]int{}
	for _, table := range []store.Table{store.Sessions, store.Archives, store.Identities, store.Aliases, store.AliasGroups, store.Opened} {
		if err := s.Walk(table, "", func(string, []byte) bool { n[table]++; return true }); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// A user that is removed by any of its names leaves nothing, and nobody else loses anything.
func TestRemoveUser(t *testing.T) {
	for _, user := range []string{"501_1", "1555"} {
		everyStore(t, func(t *testing.T, s *store.Store, _ string) {
			meet(t, s, at("502_1", 0), at("1777", 3))
			alias(t, s, at("1999", 0), at("502_1", 0))
			before := rowsOf(t, s)
			meet(t, s, at("501_1", 0), at("501_1", 255))
			alias(t, s, at("1555", 0), at("501_1", 0))
			alias(t, s, at("1555", 255), at("501_1", 255))
			alias(t, s, at("1556", 9), at("501_1", 255)) // a name of somebody else
			removeUser(t, s, user)
			after := rowsOf(t, s)
			for table, n := range before {
				if after[table] != n {
					t.Errorf("%s: table %d has %d rows, and had %d", user, table, after[table], n)
				}
			}
			if len(after) != len(before) {
				t.Errorf("%s: rows are left in %v, want %v", user, after, before)
			}
			mustList(t, s, store.Sessions, "", "502_1:0", "1777:3")
			mustList(t, s, store.Aliases, "", "1999:0")
			// Each name is a device of its own again.
			meet(t, s, at("501_1", 0), at("1555", 0), at("1556", 9))
			mustList(t, s, store.Sessions, "1555", "1555:0")
		})
	}
}

// Hosted devices have addresses of their own, which the header says: an app that removes them by
// mistake could not call the business any more, and one that wants to names them.
func TestRemoveUserLeavesHostedDevices(t *testing.T) {
	everyStore(t, func(t *testing.T, s *store.Store, _ string) {
		meet(t, s, at("501_1", 0), at("501_129", 99))
		removeUser(t, s, "501_1")
		mustList(t, s, store.Sessions, "", "501_129:99")
		removeUser(t, s, "501_129")
		mustList(t, s, store.Sessions, "")
	})
}

// A number that has a new owner brings the new one's device, and not the old one's.
func TestRemoveUserByItsNumbersNewOwner(t *testing.T) {
	everyStore(t, func(t *testing.T, s *store.Store, _ string) {
		meet(t, s, at("501_1", 0), at("502_1", 0), at("502_1", 1))
		alias(t, s, at("1555", 0), at("501_1", 0))
		alias(t, s, at("1555", 0), at("502_1", 0))
		removeUser(t, s, "1555")
		mustList(t, s, store.Sessions, "", "501_1:0", "502_1:1")
		mustList(t, s, store.Identities, "", "501_1:0", "502_1:1")
		mustList(t, s, store.Aliases, "")
	})
}

// After removal the next message is a first contact: a new identity is trusted, the old session
// opens nothing, and a replayed first message opens no second time, with a one-time prekey or
// without.
func TestRemovedUserIsMetAnew(t *testing.T) {
	for _, oneTime := range []bool{true, false} {
		a, b := newPeer(t, alice), newPeer(t, bob)
		a.begin(t, b, oneTime)
		first := a.seal(t, b, "hello")
		b.mustOpen(t, a, first, "hello")
		answered := b.seal(t, a, "hello back")
		a.mustOpen(t, b, answered, "hello back")
		later := a.seal(t, b, "later")
		removeUser(t, b.store, alice.Name)
		if err := signal.Check(b.store, alice); status.Of(err) != status.NoSession {
			t.Fatalf("a session is left: %v", err)
		}
		if _, err := signal.IdentityOf(b.store, alice); status.Of(err) != status.NotFound {
			t.Fatalf("an identity is left: %v", err)
		}
		b.mustRefuse(t, a, later, status.NoSession)
		if oneTime {
			b.mustRefuse(t, a, first, status.NoPrekey)
		} else {
			b.mustRefuse(t, a, first, status.Duplicate)
		}
		anew := newPeer(t, alice) // with another identity key
		anew.begin(t, b, oneTime)
		b.mustOpen(t, anew, anew.seal(t, b, "again"), "again")
		anew.mustOpen(t, b, b.seal(t, anew, "and back"), "and back")
	}
}

// Messages that are kept until they are done go with their sender, and only with it.
func TestRemoveUserDropsKeptMessages(t *testing.T) {
	s := openKind(t, "", store.Options{Memory: true, KeepOpened: true})
	b := &peer{s, bob}
	a, other := newPeer(t, alice), newPeer(t, at("333_1", 1))
	opened := map[*peer]session.Ciphertext{}
	for _, from := range []*peer{a, other} {
		from.begin(t, b, true)
		opened[from] = from.seal(t, b, "kept")
		b.mustOpen(t, from, opened[from], "kept")
	}
	removeUser(t, s, alice.Name)
	b.mustRefuse(t, a, opened[a], status.NoPrekey)
	b.mustOpen(t, other, opened[other], "kept")
	removeUser(t, s, "333_1")
	if rows := rowsOf(t, s); len(rows) != 0 {
		t.Fatalf("rows are left: %v", rows)
	}
}

// Housekeeping that finds nothing to remove must not write: each commit waits for the disk.
func TestRemovingNothingWritesNothing(t *testing.T) {
	everyStore(t, func(t *testing.T, s *store.Store, path string) {
		meet(t, s, at("501_1", 0))
		alias(t, s, at("1555", 0), at("501_1", 0))
		log, _ := os.ReadFile(path + "-wal")
		removeUser(t, s, "502_1")
		for _, remove := range []func(*store.Store, signal.Address) error{signal.Remove, signal.RemoveIdentity} {
			if err := remove(s, at("501_1", 1)); err != nil {
				t.Fatal(err)
			}
		}
		if now, _ := os.ReadFile(path + "-wal"); !bytes.Equal(now, log) {
			t.Fatal("something was written")
		}
		mustList(t, s, store.Aliases, "", "1555:0")
	})
}

// Without its identity key a device's session neither seals nor opens, and the next contact is the
// first: whichever key it presents is trusted.
func TestRemoveIdentity(t *testing.T) {
	a, b := acquainted(t)
	later := a.seal(t, b, "later")
	if err := signal.RemoveIdentity(b.store, alice); err != nil {
		t.Fatal(err)
	}
	mustList(t, b.store, store.Identities, "")
	mustList(t, b.store, store.Sessions, "", alice.String())
	b.unchanged(t, alice, func() { b.mustRefuse(t, a, later, status.UntrustedIdentity) })
	if _, err := b.encrypt(alice, "no"); status.Of(err) != status.UntrustedIdentity {
		t.Fatalf("sealed without an identity: %v", err)
	}
	info, err := signal.InfoOf(b.store, alice)
	if err != nil || info.CanSeal {
		t.Fatalf("%+v, %v", info, err)
	}
	anew := newPeer(t, alice)
	anew.begin(t, b, true)
	b.mustOpen(t, anew, anew.seal(t, b, "again"), "again")
	b.mustRefuse(t, a, later, status.UntrustedIdentity, status.Authentication)
}

// Removing a user while others meet it, name it and remove it too: no deadlock, no damage, and the
// last removal leaves nothing.
func TestRemoveUserAmongOthers(t *testing.T) {
	everyStore(t, func(t *testing.T, s *store.Store, _ string) {
		b := newPeer(t, bob).bundle(t, true)
		var all sync.WaitGroup
		for _, work := range []func() error{
			func() error { return signal.RemoveUser(s, "501_1") },
			func() error { return signal.RemoveUser(s, "1555") },
			func() error { return signal.Begin(s, at("501_1", 0), &b) },
			func() error { return signal.Begin(s, at("1555", 0), &b) },
			func() error { return signal.Alias(s, at("1555", 0), at("501_1", 0)) },
			func() error { return signal.Alias(s, at("1556", 0), at("1555", 0)) },
			func() error { return signal.Unalias(s, at("1555", 0)) },
			func() error {
				_, err := signal.NextOfUser(s, store.Aliases, "501_1", "", everyName)
				if status.Of(err) == status.NotFound {
					err = nil
				}
				return err
			},
		} {
			all.Go(func() {
				for range 25 {
					if err := work(); err != nil && status.Of(err) != status.Conflict {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		for _, user := range []string{"501_1", "1555", "1556"} {
			removeUser(t, s, user)
		}
		if rows := rowsOf(t, s); len(rows) != 0 {
			t.Fatalf("rows are left: %v", rows)
		}
	})
}

// What a session record says in each of its states.
func TestInfoOf(t *testing.T) {
	a, b := newPeer(t, alice), newPeer(t, bob)
	if _, err := signal.InfoOf(a.store, bob); status.Of(err) != status.NoSession {
		t.Fatalf("info without a session: %v", err)
	}
	a.begin(t, b, true)
	own, err := signal.OwnIdentity(b.store)
	if err != nil {
		t.Fatal(err)
	}
	info, err := signal.InfoOf(a.store, bob)
	if err != nil || !info.CanSeal || !info.Unacknowledged || info.Stale || info.Begun == 0 || info.Archived != 0 || info.KeptKeys != 0 ||
		info.RegistrationID != own.RegistrationID || info.IdentityKey != own.PublicKey {
		t.Fatalf("new session: %+v, %v", info, err)
	}
	b.mustOpen(t, a, a.seal(t, b, "hello"), "hello")
	a.mustOpen(t, b, b.seal(t, a, "hello back"), "hello back")
	for range 3 {
		a.seal(t, b, "lost")
	}
	b.mustOpen(t, a, a.seal(t, b, "there"), "there")
	info, err = signal.InfoOf(b.store, alice)
	if err != nil || !info.CanSeal || info.Unacknowledged || info.Begun != 0 || info.KeptKeys != 3 || info.Archived != 0 {
		t.Fatalf("answered session: %+v, %v", info, err)
	}
	b.begin(t, a, true)
	info, err = signal.InfoOf(b.store, alice)
	if err != nil || !info.Unacknowledged || info.Archived != 1 || info.KeptKeys != 3 {
		t.Fatalf("session begun anew: %+v, %v", info, err)
	}
}

// A session of an old copy is stale and can't seal.
func TestInfoOfAnOldCopy(t *testing.T) {
	path := t.TempDir() + "/s"
	s := openKind(t, path, store.Options{})
	meet(t, s, at("501_1", 0))
	s.Close()
	s = openKind(t, path, store.Options{Restored: true})
	if info, err := signal.InfoOf(s, at("501_1", 0)); err != nil || !info.Stale || info.CanSeal {
		t.Fatalf("%+v, %v", info, err)
	}
	mustList(t, s, store.Sessions, "", "501_1:0")
}

// An account moves: the private key that comes out makes the same identity elsewhere.
func TestOwnAccount(t *testing.T) {
	everyStore(t, func(t *testing.T, s *store.Store, _ string) {
		var private [32]byte
		registrationID, err := signal.OwnAccount(s, &private)
		if err != nil {
			t.Fatal(err)
		}
		other, err := signal.OpenStoreWithoutIdentity("", nil, store.Options{Memory: true})
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		if _, err := signal.OwnAccount(other, &private); status.Of(err) != status.NoIdentity {
			t.Fatalf("an account of nobody: %v", err)
		}
		if err := signal.ImportIdentity(other, &private, registrationID); err != nil {
			t.Fatal(err)
		}
		one, _ := signal.OwnIdentity(s)
		if two, err := signal.OwnIdentity(other); err != nil || one != two {
			t.Fatalf("the identity is not the same: %v", err)
		}
	})
}

// In a store of version 0.2, where a sealed row does not tell its name, a user's rows are found by
// the user's own names.
func TestUserOfAnOlderStore(t *testing.T) {
	const number = "15550001111"
	for kind, key := range map[string]func(t *testing.T) []byte{
		"sealed":    func(t *testing.T) []byte { return fixtureStorageKey(t) },
		"plaintext": func(*testing.T) []byte { return nil },
	} {
		t.Run(kind, func(t *testing.T) {
			k := key(t)
			s := openOlder(t, kind, k)
			devices := list(t, s, store.Sessions, number)
			if len(devices) != 1 {
				t.Fatalf("the number means %q", devices)
			}
			mustList(t, s, store.Identities, number, devices...)
			mustList(t, s, store.Aliases, number, number+":0")
			if all := list(t, s, store.Sessions, ""); (len(all) == 0) != (k != nil) {
				t.Fatalf("all sessions: %q", all)
			}
			removeUser(t, s, number)
			for _, table := range []store.Table{store.Sessions, store.Identities, store.Aliases} {
				mustList(t, s, table, number)
				mustList(t, s, table, signal.Device(devices[0]).Name())
			}
			meet(t, s, at(number, 0))
			mustList(t, s, store.Sessions, number, number+":0")
		})
	}
}

// Version 0.2 let an alias point to an alias. A number whose path leads over a row that does not
// tell its name would stay an alias, although its user was removed.
func TestUserBehindAnotherAlias(t *testing.T) {
	s := openOlder(t, "sealed", fixtureStorageKey(t))
	err := s.Update(func(tx *store.Tx) error {
		tx.Put(store.Aliases, "1666:0", []byte("15550001111:0"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	mustList(t, s, store.Aliases, "1666", "1666:0", "15550001111:0")
	removeUser(t, s, "1666")
	for _, user := range []string{"1666", "15550001111", ""} {
		mustList(t, s, store.Aliases, user)
	}
	meet(t, s, at("1666", 0), at("15550001111", 0))
	mustList(t, s, store.Sessions, "1666", "1666:0")
}

// openOlder opens a copy of the store that version 0.2 wrote.
func openOlder(t *testing.T, kind string, key []byte) *store.Store {
	t.Helper()
	image, err := os.ReadFile("../../testdata/stores/0.2.0-" + kind + ".db")
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/s"
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := signal.OpenStore(path, key, store.Options{Plaintext: key == nil})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func fixtureStorageKey(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../../testdata/stores/0.2.0-sealed.json")
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		StorageKey string `json:"storage_key"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	key, err := hex.DecodeString(said.StorageKey)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
