package signal_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// fatRow is a device whose record in s has archived sessions and the keys of skipped messages,
// which are returned.
func fatRow(t testing.TB, s *store.Store, a signal.Address) (device *peer, us *peer, skipped []session.Ciphertext) {
	t.Helper()
	device, us = newPeer(t, a), &peer{s, alice}
	us.begin(t, device, true)
	us.begin(t, device, true)
	device.mustOpen(t, us, us.seal(t, device, "hello"), "hello")
	for range 3 {
		skipped = append(skipped, device.seal(t, us, "skipped"))
	}
	us.mustOpen(t, device, device.seal(t, us, "passed"), "passed")
	return device, us, skipped
}

// sealedRow is a row as the file has it.
type sealedRow struct{ name, value []byte }

// tableOf is the file's table with the rows.
func tableOf(table store.Table) string {
	if table == store.Archives {
		return "archives"
	}
	return "items"
}

func sealedRows(t testing.TB, db *sql.DB, table store.Table) (rows []sealedRow) {
	t.Helper()
	found, err := db.Query("SELECT name, value FROM "+tableOf(table)+" WHERE kind = ? ORDER BY name", table)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var r sealedRow
		if err := found.Scan(&r.name, &r.value); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	return rows
}

// If this failed, someone with the store's file could put an old archive beside a newer session: a
// message that was opened would open again, with the key that is still in it.
func TestOldArchiveBesideANewerSession(t *testing.T) {
	for name, o := range map[string]store.Options{"sealed": {}, "plaintext": {Plaintext: true}} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s")
			s := openKind(t, path, o)
			db, err := sql.Open("sqlite3", path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close(); db.Close() })
			set := func(table store.Table, r sealedRow) {
				t.Helper()
				_, err := db.Exec("INSERT INTO "+tableOf(table)+" VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", table, r.name, r.value)
				if err != nil {
					t.Fatal(err)
				}
			}
			one := func(table store.Table) sealedRow {
				t.Helper()
				rows := sealedRows(t, db, table)
				if len(rows) != 1 {
					t.Fatalf("table %d has %d rows", table, len(rows))
				}
				return rows[0]
			}
			device, us, skipped := fatRow(t, s, bob)
			oldSession, oldArchive := one(store.Sessions), one(store.Archives)
			us.mustOpen(t, device, skipped[0], "skipped")
			late := device.seal(t, us, "late") // so that both archives have as many keys
			us.mustOpen(t, device, device.seal(t, us, "later"), "later")
			newSession, newArchive := one(store.Sessions), one(store.Archives)
			bundle := device.bundle(t, true)

			refuses := func(what string) {
				t.Helper()
				before := [][]sealedRow{sealedRows(t, db, store.Sessions), sealedRows(t, db, store.Archives)}
				for name, call := range map[string]func() error{
					"open the message that was opened": func() error { _, err := us.open(device, skipped[0]); return err },
					"open another skipped one":         func() error { _, err := us.open(device, skipped[1]); return err },
					"open one skipped since":           func() error { _, err := us.open(device, late); return err },
					"export":                           func() error { _, err := signal.Export(s, bob); return err },
					"info":                             func() error { _, err := signal.InfoOf(s, bob); return err },
					"begin":                            func() error { return signal.Begin(s, bob, &bundle) },
					"alias":                            func() error { return signal.Alias(s, bob, dave) },
				} {
					if what == "an old session" && name == "open one skipped since" {
						continue // to the older session it is the next one
					}
					if err := call(); status.Of(err) != status.StoreCorrupt {
						t.Errorf("%s, %s: %v", what, name, err)
					}
				}
				after := [][]sealedRow{sealedRows(t, db, store.Sessions), sealedRows(t, db, store.Archives)}
				if fmt.Sprint(before) != fmt.Sprint(after) {
					t.Errorf("%s: a row was changed", what)
				}
			}
			set(store.Archives, oldArchive)
			refuses("an old archive")
			set(store.Archives, newArchive)
			set(store.Sessions, oldSession)
			refuses("an old session")
			set(store.Sessions, newSession)
			if _, err := db.Exec("DELETE FROM archives"); err != nil {
				t.Fatal(err)
			}
			refuses("no archive")
			set(store.Archives, sealedRow{newArchive.name, newSession.value})
			refuses("the session in the archive's place")

			// Another device's archive, of this very store.
			fatRow(t, s, carol)
			for _, r := range sealedRows(t, db, store.Archives) {
				if !bytes.Equal(r.name, newArchive.name) {
					set(store.Archives, sealedRow{newArchive.name, r.value})
				}
			}
			refuses("another device's archive")

			// Meanwhile nothing is lost: the session seals and opens, and goes on with its archive.
			device.mustOpen(t, us, us.seal(t, device, "meanwhile"), "meanwhile")
			us.mustOpen(t, device, device.seal(t, us, "a turn"), "a turn")
			set(store.Archives, newArchive)
			us.mustOpen(t, device, skipped[1], "skipped")
			us.mustRefuse(t, device, skipped[0], status.Duplicate)
			us.mustRefuse(t, device, skipped[1], status.Duplicate)
			us.mustOpen(t, device, skipped[2], "skipped")
			us.mustOpen(t, device, late, "late")
		})
	}
}

// Damaged rows can be removed, with the session, and the device is met anew.
func TestDamagedRowsCanBeRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s := openKind(t, path, store.Options{})
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); db.Close() })
	for name, remove := range map[string]func() error{
		"session_remove": func() error { return signal.Remove(s, bob) },
		"user_remove":    func() error { return signal.RemoveUser(s, bob.Name) },
	} {
		for _, table := range []string{"archives", "chains"} {
			if err := signal.RemoveIdentity(s, bob); err != nil {
				t.Fatal(err)
			}
			device, us, _ := fatRow(t, s, bob)
			if _, err := db.Exec("UPDATE " + table + " SET value = zeroblob(130)"); err != nil {
				t.Fatal(err)
			}
			if _, err := signal.Export(s, bob); status.Of(err) != status.StoreCorrupt {
				t.Errorf("%s, %s: exported before: %v", name, table, err)
			}
			if err := remove(); err != nil {
				t.Errorf("%s, %s: %v", name, table, err)
			}
			left := -1
			err := db.QueryRow("SELECT (SELECT count(*) FROM items WHERE kind = ?) + (SELECT count(*) FROM archives) + (SELECT count(*) FROM chains)",
				store.Sessions).Scan(&left)
			if err != nil || left != 0 {
				t.Errorf("%s, %s: %d rows are left, %v", name, table, left, err)
			}
			us.begin(t, device, true)
			device.mustOpen(t, us, us.seal(t, device, "anew"), "anew")
			if err := signal.RemoveUser(s, bob.Name); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// If this failed, keys of a session that is gone would stay in the store.
func TestNoArchiveWithoutItsSession(t *testing.T) {
	everyStore(t, func(t *testing.T, s *store.Store, _ string) {
		archives := func(when string, want int) {
			t.Helper()
			if n := rowsOf(t, s)[store.Archives]; n != want {
				t.Errorf("%s: %d archives, want %d", when, n, want)
			}
		}
		somebody := at("777", 0)
		chains := func(when string, want ...signal.Address) {
			t.Helper()
			for _, a := range []signal.Address{bob, carol, dave, somebody} {
				if has := getRow(t, s, store.Chains, a) != nil; has != slices.Contains(want, a) {
					t.Errorf("%s: %v has chains: %v", when, a, has)
				}
			}
		}
		device, us, _ := fatRow(t, s, bob)
		archives("at first", 1)
		chains("at first", bob)
		record, err := signal.Export(s, bob)
		if err != nil {
			t.Fatal(err)
		}
		alias(t, s, bob, dave)
		archives("the device is an alias", 1)
		chains("the device is an alias", dave)
		if err := signal.Remove(s, dave); err != nil {
			t.Fatal(err)
		}
		archives("its session is removed", 0)
		chains("its session is removed")

		if err := signal.Import(s, carol, record); err != nil {
			t.Fatal(err)
		}
		archives("imported", 1)
		chains("imported", carol)
		us.begin(t, newPeer(t, somebody), true) // somebody else, without an archive
		archives("somebody else", 1)
		chains("somebody else", carol, somebody)
		plain, err := signal.Export(s, somebody)
		if err != nil {
			t.Fatal(err)
		}
		if err := signal.RemoveIdentity(s, carol); err != nil {
			t.Fatal(err)
		}
		if err := signal.Import(s, carol, plain); err != nil {
			t.Fatal(err)
		}
		archives("a record without an archive in its place", 0)
		chains("a record without an archive in its place", carol, somebody)
		if err := signal.RemoveIdentity(s, carol); err != nil {
			t.Fatal(err)
		}
		if err := signal.Import(s, carol, record); err != nil {
			t.Fatal(err)
		}
		archives("imported again", 1)
		if err := signal.RemoveUser(s, carol.Name); err != nil {
			t.Fatal(err)
		}
		archives("the user is removed", 0)
		chains("the user is removed", somebody)
		_ = device
	})
}

// The archived sessions of an old copy may have sealed in the original since, as well as the
// current one: they stay stale, also when only the session row was written after the restore.
func TestArchiveOfAnOldCopyStaysStale(t *testing.T) {
	dir := t.TempDir()
	s := openKind(t, filepath.Join(dir, "s"), store.Options{})
	device, us := newPeer(t, bob), &peer{s, alice}
	us.begin(t, device, true)
	device.mustOpen(t, us, us.seal(t, device, "hello"), "hello")
	us.mustOpen(t, device, device.seal(t, us, "hello back"), "hello back")
	late := device.seal(t, us, "late")
	us.begin(t, device, true) // the answered session is archived
	device.mustOpen(t, us, us.seal(t, device, "hello again"), "hello again")
	us.mustOpen(t, device, device.seal(t, us, "hello again, back"), "hello again, back")
	if err := s.Copy(filepath.Join(dir, "copy")); err != nil {
		t.Fatal(err)
	}
	copied := openKind(t, filepath.Join(dir, "copy"), store.Options{Restored: true})
	us = &peer{copied, alice}
	stale := func(when string) {
		t.Helper()
		info, err := signal.InfoOf(copied, bob)
		if err != nil || info.CanSeal || !info.Stale || info.Archived != 1 {
			t.Errorf("%s: %+v, %v", when, info, err)
		}
	}
	archive := getRow(t, copied, store.Archives, bob)
	us.mustOpen(t, device, device.seal(t, us, "in order"), "in order")
	if !bytes.Equal(archive, getRow(t, copied, store.Archives, bob)) {
		t.Error("the archive was written: this test is blind")
	}
	stale("the session row was written")
	us.mustOpen(t, device, late, "late")
	stale("the archived session is the current one")
}

func getRow(t testing.TB, s *store.Store, table store.Table, a signal.Address) (row []byte) {
	t.Helper()
	err := s.Update(func(tx *store.Tx) (err error) {
		row, err = tx.Get(table, a.String())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// The same of a record that an earlier library left in one row: it becomes two after the restore.
func TestWholeRowOfAnOldCopyStaysStale(t *testing.T) {
	dir := t.TempDir()
	s := openKind(t, filepath.Join(dir, "s"), store.Options{})
	device, us := newPeer(t, bob), &peer{s, alice}
	us.begin(t, device, true)
	device.mustOpen(t, us, us.seal(t, device, "hello"), "hello")
	us.mustOpen(t, device, device.seal(t, us, "hello back"), "hello back")
	late := device.seal(t, us, "late")
	us.begin(t, device, true)
	device.mustOpen(t, us, us.seal(t, device, "hello again"), "hello again")
	skipped := device.seal(t, us, "skipped")
	us.mustOpen(t, device, device.seal(t, us, "hello again, back"), "hello again, back")
	whole, err := signal.Export(s, bob)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(func(tx *store.Tx) error {
		tx.Put(store.Sessions, bob.String(), whole)
		tx.Delete(store.Chains, bob.String())
		tx.Delete(store.Archives, bob.String())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Copy(filepath.Join(dir, "copy")); err != nil {
		t.Fatal(err)
	}
	copied := openKind(t, filepath.Join(dir, "copy"), store.Options{Restored: true})
	us = &peer{copied, alice}
	us.mustOpen(t, device, device.seal(t, us, "in order"), "in order")
	if getRow(t, copied, store.Archives, bob) == nil {
		t.Fatal("it is still in one row: this test is blind")
	}
	for _, c := range []struct {
		sealed session.Ciphertext
		text   string
	}{{skipped, "skipped"}, {late, "late"}} {
		us.mustOpen(t, device, c.sealed, c.text)
		us.mustRefuse(t, device, c.sealed, status.Duplicate)
		if info, err := signal.InfoOf(copied, bob); err != nil || info.CanSeal || !info.Stale || info.Archived != 1 {
			t.Errorf("%s: %+v, %v", c.text, info, err)
		}
	}
	if _, err := us.encrypt(bob, "no"); status.Of(err) != status.NoSession {
		t.Errorf("sealed: %v", err)
	}
	us.begin(t, device, true)
	if info, err := signal.InfoOf(copied, bob); err != nil || !info.CanSeal || info.Archived != 2 {
		t.Errorf("begun: %+v, %v", info, err)
	}
}
