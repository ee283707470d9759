package signal_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"libcallkey/core/curve"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// damaged is a store with some rows that are damaged for a while.
type damaged struct {
	*peer
	db    *sql.DB
	calls []damagedCall
}

// damagedCall is a call and the tables that it can't do without: as rows, and as what is in
// them.
type damagedCall struct {
	name           string
	rows, contents []store.Table
	run            func() error
	after          status.Code // of the sound store
}

type storedRow struct {
	kind        int
	name, value []byte
}

func (d *damaged) rows(t *testing.T, where string) (all []storedRow) {
	t.Helper()
	rows, err := d.db.Query("SELECT kind, name, value FROM (SELECT kind, name, value FROM items UNION ALL SELECT kind, name, value FROM archives" +
		" UNION ALL SELECT 11, CAST(id AS TEXT), value FROM chains) WHERE " + where + " ORDER BY kind, name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var r storedRow
		if err := rows.Scan(&r.kind, &r.name, &r.value); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func (d *damaged) set(t *testing.T, r storedRow, value []byte) {
	t.Helper()
	for _, rows := range []string{"items SET value = ? WHERE kind = ? AND name = ?", "archives SET value = ? WHERE kind = ? AND name = ?",
		"chains SET value = ? WHERE 11 = ? AND CAST(id AS TEXT) = CAST(? AS TEXT)"} {
		if _, err := d.db.Exec("UPDATE "+rows, value, r.kind, r.name); err != nil {
			t.Fatal(err)
		}
	}
}

// refuses runs a call that must fail while a table is damaged.
func (d *damaged) refuses(t *testing.T, c damagedCall, what string) {
	t.Helper()
	before := d.rows(t, "1")
	if err := c.run(); status.Of(err) != status.StoreCorrupt {
		t.Errorf("%s with %s: %v (%s)", c.name, what, err, status.Of(err).Name())
	}
	same := func(a, b storedRow) bool {
		return a.kind == b.kind && bytes.Equal(a.name, b.name) && bytes.Equal(a.value, b.value)
	}
	if !slices.EqualFunc(before, d.rows(t, "1"), same) {
		t.Errorf("%s with %s changed the store", c.name, what)
	}
}

// Every call that needs a damaged row must report it, give nothing out and change nothing: a
// call that takes it for one that is not there begins a second ratchet, trusts a new identity or
// loses a session. Once the row is well, everything works.
func TestDamagedRows(t *testing.T) {
	d := newDamaged(t)
	tables := []store.Table{store.Account, store.Prekeys, store.SignedPrekeys, store.Sessions, store.Chains, store.Archives, store.Identities, store.Aliases, store.AliasGroups, store.Opened}
	for _, table := range tables {
		rows := d.rows(t, fmt.Sprintf("kind = %d", table))
		if len(rows) == 0 {
			t.Fatalf("table %d has no rows", table)
		}
		for _, r := range rows {
			d.set(t, r, make([]byte, 60))
		}
		for _, c := range d.calls {
			if slices.Contains(c.rows, table) {
				d.refuses(t, c, fmt.Sprintf("rows of table %d that do not open", table))
			}
		}
		for _, r := range rows {
			d.set(t, r, r.value)
		}
	}
	numbers := []string{"1", "2", "3", "4", "5"}
	for table, names := range map[store.Table][]string{
		store.Account: {"own"}, store.Prekeys: numbers, store.SignedPrekeys: numbers, store.Opened: {"opened"},
		store.Sessions: {bob.String(), carol.String(), bobsOther.String()}, store.Chains: {bob.String(), carol.String(), bobsOther.String()}, store.Archives: {bob.String(), bobsOther.String()},
		store.Identities: {bob.String(), carol.String(), bobsOther.String()},
	} {
		rows := d.rows(t, fmt.Sprintf("kind = %d", table))
		err := d.store.Update(func(tx *store.Tx) error {
			put := 0
			for _, name := range names {
				row, err := tx.Get(table, name)
				if err != nil {
					return err
				}
				if row != nil {
					tx.Put(table, name, []byte{0xff})
					put++
				}
			}
			if put < len(rows) {
				return fmt.Errorf("table %d has %d rows more than these", table, len(rows)-put)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range d.calls {
			if slices.Contains(c.contents, table) {
				d.refuses(t, c, fmt.Sprintf("records of table %d that do not parse", table))
			}
		}
		for _, r := range rows {
			d.set(t, r, r.value)
		}
	}
	for _, c := range d.calls {
		if err := c.run(); status.Of(err) != c.after {
			t.Errorf("afterwards, %s: %v", c.name, err)
		}
	}
}

var (
	carol     = signal.Address{Name: "333333333333333_1", Device: 0}
	dave      = signal.Address{Name: "444444444444444_1", Device: 0}
	bobsPhone = signal.Address{Name: "15550000000", Device: 0} // stands for bob
	bobsLID   = signal.Address{Name: "666666666666666_1", Device: 0}
	bobsOther = signal.Address{Name: "555555555555555", Device: 0} // has a copy of bob's session
)

func newDamaged(t *testing.T) *damaged {
	path := filepath.Join(t.TempDir(), "store")
	s, err := signal.OpenStore(path, bytes.Repeat([]byte{7}, store.StorageKeyBytes), store.Options{KeepOpened: true})
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); db.Close() })
	ours := &peer{s, alice}
	d := &damaged{peer: ours, db: db}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	them := map[signal.Address]*peer{}
	for _, a := range []signal.Address{bob, carol, dave} {
		them[a] = newPeer(t, a)
	}
	// Bob's session is answered, Carol's is not, Dave's is not even there.
	ours.begin(t, them[bob], true)
	them[bob].mustOpen(t, ours, ours.seal(t, them[bob], "hello"), "hello")
	overtaken := them[bob].seal(t, ours, "overtaken")
	kept := them[bob].seal(t, ours, "kept")
	ours.mustOpen(t, them[bob], kept, "kept")
	for _, a := range []signal.Address{carol, dave} {
		them[a].begin(t, ours, true)
	}
	ours.mustOpen(t, them[carol], them[carol].seal(t, ours, "hello"), "hello")
	record, err := signal.Export(s, bob)
	must(err)
	must(signal.Import(s, bobsOther, record))
	must(signal.Alias(s, bobsPhone, bob))
	prekey, signed := new([32]byte), new([32]byte)
	prekey[0], signed[0] = 8, 16
	curve.Clamp(prekey)
	curve.Clamp(signed)
	must(signal.ImportPrekey(s, 3, prekey))
	// The next numbers are taken, so that who makes a prekey reads a row.
	rotated, err := signal.RotateSignedPrekey(s)
	must(err)
	must(signal.ImportSignedPrekey(s, rotated.ID+1, signed))
	made, err := signal.AddPrekeys(s, 1)
	must(err)
	added := made[0].ID
	must(signal.ImportPrekey(s, added+1, prekey))

	identity, err := signal.OwnIdentity(s)
	must(err)
	bundle := them[bob].bundle(t, true)
	known := them[bob].seal(t, ours, "known")
	late, again, first := them[bob].seal(t, ours, "late"), them[carol].seal(t, ours, "again"), them[dave].seal(t, ours, "first")
	phone := &peer{them[bob].store, bobsPhone}
	opens := func(from *peer, c session.Ciphertext, want string) func() error {
		return func() error {
			got, err := ours.open(from, c)
			if (err == nil) != (got == want) || err != nil && got != "" {
				t.Errorf("it opened to %q, %v", got, err)
			}
			return err
		}
	}
	const (
		account, prekeys, signedPrekeys = store.Account, store.Prekeys, store.SignedPrekeys
		sessions, identities, aliases   = store.Sessions, store.Identities, store.Aliases
		opened, groups                  = store.Opened, store.AliasGroups
		chains, archives                = store.Chains, store.Archives
	)
	is := func(tables ...store.Table) []store.Table { return tables }
	call := func(name string, rows, contents []store.Table, run func() error) damagedCall {
		return damagedCall{name: name, rows: rows, contents: contents, run: run}
	}
	d.calls = []damagedCall{
		call("OwnIdentity", is(account), is(account), func() error {
			got, err := signal.OwnIdentity(s)
			if err == nil && got != identity {
				t.Error("another identity")
			}
			return err
		}),
		call("AddPrekeys", is(account, prekeys), is(account), func() error { _, err := signal.AddPrekeys(s, 1); return err }),
		call("ImportPrekey", is(prekeys), nil, func() error { return signal.ImportPrekey(s, 3, prekey) }),
		call("TakeBundle", is(account, signedPrekeys), is(account), func() error { _, err := signal.TakeBundle(s); return err }),
		call("Check", is(aliases, identities, sessions, chains), is(identities, sessions, chains), func() error { return signal.Check(s, bobsPhone) }),
		call("IdentityOf", is(aliases, identities), is(identities), func() error { _, err := signal.IdentityOf(s, bobsPhone); return err }),
		call("Export", is(aliases, sessions, chains, archives), is(sessions, chains, archives), func() error { _, err := signal.Export(s, bobsPhone); return err }),
		call("Encrypt", is(aliases, identities, sessions, chains), is(identities, sessions, chains), func() error {
			c, err := ours.encrypt(bobsPhone, "message")
			if (err == nil) != (c.Bytes != nil) {
				t.Errorf("%d bytes and %v", len(c.Bytes), err)
			}
			return err
		}),
		call("Decrypt", is(aliases, identities, sessions, chains, archives, opened), is(identities, sessions, chains, archives, opened), opens(phone, late, "late")),
		call("Decrypt an overtaken message", is(aliases, identities, sessions, chains, archives, opened), is(identities, sessions, chains, archives, opened), opens(phone, overtaken, "overtaken")),
		call("Decrypt a kept message", is(aliases, opened), is(opened), opens(phone, kept, "kept")),
		call("Decrypt a repeated first message", is(identities, sessions, chains, opened), is(identities, sessions, chains, opened), opens(them[carol], again, "again")),
		call("Decrypt a first message", is(account, prekeys, signedPrekeys, opened), is(account, prekeys, signedPrekeys, opened), opens(them[dave], first, "first")),
		call("Begin", is(aliases, account, identities, sessions, chains, archives), is(account, identities, sessions, chains, archives), func() error { return signal.Begin(s, bobsPhone, &bundle) }),
		call("Import", is(aliases, identities), is(identities), func() error { return signal.Import(s, bobsPhone, record) }),
		call("Done", is(aliases, opened), is(opened), func() error { return signal.Done(s, bobsPhone, kept.Bytes) }),
		call("Trust", is(aliases), nil, func() error { return signal.Trust(s, bobsPhone, &bundle.IdentityKey) }),
		call("Alias", is(identities, sessions, chains, archives, groups, opened), is(identities, sessions, chains, archives, opened), func() error { return signal.Alias(s, bobsOther, bob) }),
		call("Alias, another name", is(groups), nil, func() error { return signal.Alias(s, bobsLID, bob) }),
		call("Unpublished", is(account, prekeys), is(account, prekeys), func() error { _, err := signal.Unpublished(s, 10); return err }),
		call("PrekeysLeft", is(account, prekeys), is(account), func() error { _, err := signal.PrekeysLeft(s); return err }),
		call("Publish", is(account), is(account), func() error { return signal.Publish(s, []uint32{added}) }),
		call("SignedPrekeyInUse", is(account, signedPrekeys), is(account, signedPrekeys), func() error { _, _, err := signal.SignedPrekeyInUse(s); return err }),
		call("DecryptKnown", is(identities, sessions, chains), is(identities, sessions, chains), func() error {
			in, err := signal.Parse(false, known.Bytes)
			if err != nil {
				return err
			}
			return signal.Within(s, []signal.Address{bob, carol}, in.Locks(s), func(tx *store.Tx, devices []signal.Device) error {
				_, _, err := in.DecryptKnown(tx, devices)
				return err
			})
		}),
		call("RotateSignedPrekey", is(account, signedPrekeys), is(account), func() error { _, err := signal.RotateSignedPrekey(s); return err }),
		call("ImportSignedPrekey", is(account), is(account), func() error { return signal.ImportSignedPrekey(s, 9, signed) }),
		call("Remove", is(aliases), nil, func() error { return signal.Remove(s, bobsPhone) }),
		call("Unalias", is(aliases, groups), nil, func() error { return signal.Unalias(s, bobsPhone) }),
	}
	d.calls = append(d.calls, damagedCall{"ImportIdentity", is(account), is(account), func() error {
		return signal.ImportIdentity(s, signed, 1)
	}, status.Conflict})
	return d
}
