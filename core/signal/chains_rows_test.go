package signal_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// If this failed, someone with the store's file could put old chains beside a newer session: it would seal with
// keys that it used.
func TestOldChainsBesideANewerSession(t *testing.T) {
	for name, o := range map[string]store.Options{"sealed": {}, "plaintext": {Plaintext: true}} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s")
			s := openKind(t, path, o)
			db, err := sql.Open("sqlite3", path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close(); db.Close() })
			exec := func(text string, args ...any) {
				t.Helper()
				if _, err := db.Exec(text, args...); err != nil {
					t.Fatal(err)
				}
			}
			one := func(text string, args ...any) (value []byte) {
				t.Helper()
				if err := db.QueryRow(text, args...).Scan(&value); err != nil {
					t.Fatal(err)
				}
				return value
			}
			chains := func() []byte { return one("SELECT value FROM chains WHERE id IN (SELECT min(id) FROM chains)") }
			session := func() []byte { return one("SELECT value FROM items WHERE kind = ?", store.Sessions) }

			device, us := newPeer(t, bob), &peer{s, alice}
			us.begin(t, device, true)
			turn := func() {
				t.Helper()
				device.mustOpen(t, us, us.seal(t, device, "to the device"), "to the device")
				us.mustOpen(t, device, device.seal(t, us, "a turn"), "a turn")
			}
			turn()
			oldSession, oldChains := session(), chains()
			turn()
			newSession, newChains := session(), chains()
			next, bundle := device.seal(t, us, "next"), device.bundle(t, true)

			refuses := func(what string) {
				t.Helper()
				before := fmt.Sprint(session(), one("SELECT group_concat(hex(value)) FROM chains"))
				for name, call := range map[string]func() error{
					"seal":   func() error { _, err := us.encrypt(bob, "no"); return err },
					"open":   func() error { _, err := us.open(device, next); return err },
					"check":  func() error { return signal.Check(s, bob) },
					"export": func() error { _, err := signal.Export(s, bob); return err },
					"info":   func() error { _, err := signal.InfoOf(s, bob); return err },
					"begin":  func() error { return signal.Begin(s, bob, &bundle) },
					"alias":  func() error { return signal.Alias(s, bob, dave) },
				} {
					if err := call(); status.Of(err) != status.StoreCorrupt {
						t.Errorf("%s, %s: %v", what, name, err)
					}
				}
				if before != fmt.Sprint(session(), one("SELECT group_concat(hex(value)) FROM chains")) {
					t.Errorf("%s: a row was changed", what)
				}
			}
			exec("UPDATE chains SET value = ?", oldChains)
			refuses("old chains")
			exec("UPDATE chains SET value = ?", newChains)
			exec("UPDATE items SET value = ? WHERE kind = ?", oldSession, store.Sessions)
			refuses("an old session")
			exec("UPDATE items SET value = ? WHERE kind = ?", newSession, store.Sessions)
			id := one("SELECT CAST(id AS TEXT) FROM chains")
			exec("DELETE FROM chains")
			if err := signal.Check(s, bob); status.Of(err) != status.StoreCorrupt {
				t.Errorf("no chains: %v", err)
			}
			exec("INSERT INTO chains VALUES (CAST(? AS INTEGER), ?)", id, newChains)

			// Another device's chains, of this very store.
			other := newPeer(t, carol)
			us.begin(t, other, true)
			others := one("SELECT value FROM chains WHERE id <> CAST(? AS INTEGER)", id)
			exec("UPDATE chains SET value = ? WHERE id = CAST(? AS INTEGER)", others, id)
			if _, err := us.encrypt(bob, "no"); status.Of(err) != status.StoreCorrupt {
				t.Errorf("another's chains: %v", err)
			}
			exec("UPDATE chains SET value = ? WHERE id = CAST(? AS INTEGER)", newChains, id)
			us.mustOpen(t, device, next, "next")
			turn()
		})
	}
}
