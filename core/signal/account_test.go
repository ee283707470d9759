package signal

import (
	"encoding/hex"
	"libcallkey/core/protobuf"
	"libcallkey/core/session/sessiontest"
	"maps"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// account02 is the account record of a store that version 0.2.0 wrote: 10 one-time prekeys
// were made, of which 1 and 2 went out in bundles.
const account02 = "08cb0f12206072acba108a26029a68480a7a804a99b91575bbf658656928d35ffeb60ba44a3a2016" +
	"c6af0caa55542a578401ee620c9ab2a13e3b55304c11b84c1b3d9801fb322f180b20022a04080310" +
	"083208080110f6a6aad806"

// putRow replaces a record of the store as it lies there.
func putRow(t testing.TB, s *store.Store, table store.Table, name string, row []byte) {
	t.Helper()
	err := s.Update(func(tx *store.Tx) error {
		tx.Put(table, name, slices.Clone(row))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func getRow(t testing.TB, s *store.Store, table store.Table, name string) (row []byte) {
	t.Helper()
	err := s.Update(func(tx *store.Tx) (err error) {
		row, err = tx.Get(table, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// An account of 0.2.0 goes on: its prekeys count as published, because nobody knows which of
// them were, and none of them gets into a bundle or is published twice (row 29).
func TestFault29_AccountOfVersion02(t *testing.T) {
	d := newOurs(t)
	row, err := hex.DecodeString(account02)
	if err != nil {
		t.Fatal(err)
	}
	for id := uint32(3); id <= 10; id++ {
		putRow(t, d.store, store.Prekeys, prekeyName(id), append(make([]byte, 31), byte(id)))
	}
	putRow(t, d.store, store.SignedPrekeys, "1", append(make([]byte, 31), 1))
	putRow(t, d.store, store.Account, accountName, row)

	left, err := PrekeysLeft(d.store)
	if err != nil || left != 8 {
		t.Fatalf("%d prekeys are left: %v", left, err)
	}
	if made, err := Unpublished(d.store, 100); err != nil || len(made) != 0 {
		t.Fatalf("%d prekeys are to be published: %v", len(made), err)
	}
	if err := Publish(d.store, []uint32{1, 2, 3, 10}); err != nil {
		t.Fatal(err)
	}
	if err := Publish(d.store, []uint32{11}); status.Of(err) != status.NotFound {
		t.Fatalf("a prekey that it never made: %v", err)
	}
	p, since, err := SignedPrekeyInUse(d.store)
	if err != nil || p.ID != 1 || since != 1795855222 {
		t.Fatalf("signed prekey %d since %d: %v", p.ID, since, err)
	}
	b, err := TakeBundle(d.store)
	if err != nil || b.PrekeyID != 11 || b.SignedPrekeyID != 1 || b.RegistrationID != 1995 {
		t.Fatalf("bundle with prekey %d: %v", b.PrekeyID, err)
	}
	made, err := AddPrekeys(d.store, 1)
	if err != nil || made[0].ID != 12 {
		t.Fatalf("made %v: %v", made, err)
	}
	if left, err := PrekeysLeft(d.store); err != nil || left != 8 {
		t.Fatalf("in the new form %d prekeys are left: %v", left, err)
	}
}

// inside puts an unknown field into a sub-message; an empty path is the message itself.
func inside(t testing.TB, message []byte, path ...protowire.Number) []byte {
	t.Helper()
	unknown := sessiontest.WithNumber(999, 1)(nil)
	if len(path) == 0 {
		return slices.Concat(message, unknown)
	}
	return sessiontest.Rewritten(t, message, path, func(raw []byte) []byte {
		number, _, n := protowire.ConsumeTag(raw)
		body, _ := protowire.ConsumeBytes(raw[n:])
		return sessiontest.FilledWith(number, slices.Concat(body, unknown))(nil)
	})
}

// A newer library's record is not damaged: it is UNSUPPORTED, and nothing of it is lost.
func TestNewerAccountIsUnsupported(t *testing.T) {
	d := newOurs(t)
	if _, err := AddPrekeys(d.store, 3); err != nil {
		t.Fatal(err)
	}
	if err := Publish(d.store, []uint32{1}); err != nil {
		t.Fatal(err)
	}
	peer := newOurs(t)
	bundle := d.bundle(t)
	if err := Begin(peer.store, peer.peer, &bundle); err != nil {
		t.Fatal(err)
	}
	first := sealed(t)(peer.seal("first"))
	row := getRow(t, d.store, store.Account, accountName)
	var key [32]byte
	calls := map[string]func() error{
		"identity":      func() error { _, err := OwnIdentity(d.store); return err },
		"import":        func() error { return ImportIdentity(d.store, &key, 1) },
		"add":           func() error { _, err := AddPrekeys(d.store, 1); return err },
		"unpublished":   func() error { _, err := Unpublished(d.store, 9); return err },
		"publish":       func() error { return Publish(d.store, []uint32{1}) },
		"left":          func() error { _, err := PrekeysLeft(d.store); return err },
		"rotate":        func() error { _, err := RotateSignedPrekey(d.store); return err },
		"signed prekey": func() error { _, _, err := SignedPrekeyInUse(d.store); return err },
		"import prekey": func() error { return ImportPrekey(d.store, 99, &key) },
		"import signed": func() error { return ImportSignedPrekey(d.store, 99, &key) },
		"bundle":        func() error { _, err := TakeBundle(d.store); return err },
		"begin":         func() error { return Begin(d.store, d.peer, &bundle) },
		"first message": func() error { _, err := d.open(first); return err },
	}
	for _, path := range [][]protowire.Number{{}, {accountUnpublished}, {accountPublished}, {accountSigned}, {accountSigned, signedBundled}} {
		newer := inside(t, row, path...)
		putRow(t, d.store, store.Account, accountName, newer)
		before := d.dump(t)
		for name, call := range calls {
			if err := call(); status.Of(err) != status.Unsupported {
				t.Errorf("%s with a field in %v: %v", name, path, err)
			}
		}
		if string(before) != string(d.dump(t)) || string(newer) != string(getRow(t, d.store, store.Account, accountName)) {
			t.Errorf("the account was changed")
		}
	}
	putRow(t, d.store, store.Account, accountName, row)
	opened(t, "first")(d.open(first))
}

// The same of a session record.
func TestNewerSessionIsUnsupported(t *testing.T) {
	v := newVictims(t, true)
	skipped := sealed(t)(v.againstOurs.seal("skipped"))
	opened(t, "2")(v.ours.open(sealed(t)(v.againstOurs.seal("2"))))
	next := sealed(t)(v.againstOurs.seal("3"))
	bundle := v.againstOurs.bundle(t)
	other := Address{Name: "another name", Device: 1}
	both := map[string]func() error{
		"open a skipped message": func() error { _, err := v.ours.open(skipped); return err },
		"export":                 func() error { _, err := v.ours.Record(); return err },
		"begin":                  func() error { return Begin(v.ours.store, v.ours.peer, &bundle) },
		"alias":                  func() error { return Alias(v.ours.store, v.ours.peer, other) },
	}
	session := map[string]func() error{
		"check": func() error { return Check(v.ours.store, v.ours.peer) },
		"seal":  func() error { _, err := v.ours.seal("x"); return err },
		"open":  func() error { _, err := v.ours.open(next); return err },
	}
	maps.Copy(session, both)
	for table, c := range map[store.Table]struct {
		calls map[string]func() error
		paths [][]protowire.Number
	}{
		store.Sessions: {session, [][]protowire.Number{{}, {1}, {1, 6}, {1, 7}, {1, 7, 3}}}, // the session, its chains, a chain's key
		store.Archives: {both, [][]protowire.Number{{}, {1003}, {1003, 4}}},                 // a chain, and its kept keys
	} {
		row := getRow(t, v.ours.store, table, v.ours.peer.String())
		for _, path := range c.paths {
			newer := inside(t, row, path...)
			putRow(t, v.ours.store, table, v.ours.peer.String(), newer)
			for name, call := range c.calls {
				if err := call(); status.Of(err) != status.Unsupported {
					t.Errorf("%s with a field in %v of table %d: %v", name, path, table, err)
				}
			}
			if string(newer) != string(getRow(t, v.ours.store, table, v.ours.peer.String())) {
				t.Errorf("table %d was changed", table)
			}
		}
		putRow(t, v.ours.store, table, v.ours.peer.String(), row)
	}
	opened(t, "3")(v.ours.open(next))
	opened(t, "skipped")(v.ours.open(skipped))
}

// A damaged record is damaged, not new.
func TestDamagedAccountIsCorrupt(t *testing.T) {
	d := newOurs(t)
	row := getRow(t, d.store, store.Account, accountName)
	with := func(n protowire.Number, first, count uint64) []byte {
		e := protobuf.Encoder{B: slices.Clone(row)}
		mark := e.Begin(n)
		e.Number(spanFirst, first)
		e.Number(spanCount, count)
		e.End(mark)
		return e.B
	}
	without := func(n protowire.Number) []byte {
		return sessiontest.Rewritten(t, row, []protowire.Number{n}, sessiontest.Gone)
	}
	number := func(n protowire.Number, value uint64) []byte {
		return slices.Concat(row, sessiontest.WithNumber(n, value)(nil))
	}
	for name, damaged := range map[string][]byte{
		"cut":               row[:len(row)-1],
		"a span of none":    with(accountPublished, 1, 0),
		"a span from 0":     with(accountUnpublished, 0, 1),
		"a span to the end": with(accountPublished, maxPrekeyID, 2),
		"a span round it":   with(accountPublished, 2, 1<<32-1),
		"next prekey 0":     number(accountNextPrekey, 0),
		"a next beyond it":  number(accountNextPrekey, maxPrekeyID+1),
		"next signed 0":     number(accountNextSigned, 0),
		"signed prekey 0":   with(accountSigned, 0, 1),
		"no next prekey":    without(accountNextPrekey),
		"no next signed":    without(accountNextSigned),
	} {
		putRow(t, d.store, store.Account, accountName, damaged)
		if _, err := PrekeysLeft(d.store); status.Of(err) != status.StoreCorrupt {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// changed changes the account as time would.
func changed(t testing.TB, s *store.Store, work func(a *account)) {
	t.Helper()
	if err := changeAccount(s, func(_ *store.Tx, a *account) error { work(a); return nil }); err != nil {
		t.Fatal(err)
	}
}

// has reports which of the one-time prekeys are in the store.
func has(t testing.TB, s *store.Store, ids ...uint32) (there []uint32) {
	t.Helper()
	for _, id := range ids {
		if getRow(t, s, store.Prekeys, prekeyName(id)) != nil {
			there = append(there, id)
		}
	}
	return there
}

// What bundles nobody used leave must go some day: with their signed prekey, which their
// message would name too. What was published stays.
func TestBundledPrekeysGoWithTheirSignedPrekey(t *testing.T) {
	d := newOurs(t)
	made, err := AddPrekeys(d.store, 1)
	if err != nil {
		t.Fatal(err)
	}
	var ids, later []uint32
	for range 5 {
		ids = append(ids, d.bundle(t).PrekeyID)
	}
	rotate := func() {
		t.Helper()
		if _, err := RotateSignedPrekey(d.store); err != nil {
			t.Fatal(err)
		}
	}
	rotate()
	for range 5 {
		later = append(later, d.bundle(t).PrekeyID)
	}
	all := slices.Concat([]uint32{made[0].ID}, ids, later)
	if there := has(t, d.store, all...); !slices.Equal(there, all) {
		t.Fatalf("there are %v of %v", there, all)
	}
	replaced := func(ago time.Duration) {
		changed(t, d.store, func(a *account) { a.signed[1].since = time.Now().Add(-ago).Unix() })
	}
	replaced(keepSigned - time.Hour)
	rotate()
	if there := has(t, d.store, all...); !slices.Equal(there, all) {
		t.Fatalf("29 days after it was replaced there are %v of %v", there, all)
	}
	replaced(keepSigned + time.Hour)
	rotate()
	if there, want := has(t, d.store, all...), append([]uint32{made[0].ID}, later...); !slices.Equal(there, want) {
		t.Fatalf("31 days after it was replaced there are %v, want %v", there, want)
	}
}

// After the last number comes 1. A prekey must not take over what is known of another one
// that had its number: it would never be published, or go with a signed prekey of long ago.
func TestNumbersComeAgain(t *testing.T) {
	d := newOurs(t)
	ours := d.bundle(t).PrekeyID
	made, err := AddPrekeys(d.store, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := Publish(d.store, []uint32{made[0].ID}); err != nil {
		t.Fatal(err)
	}
	ids := []uint32{ours, made[0].ID, made[1].ID}
	use(t, d.store, ids...)
	changed(t, d.store, func(a *account) { a.nextPrekey = maxPrekeyID })
	again, err := AddPrekeys(d.store, 4)
	if err != nil {
		t.Fatal(err)
	}
	var got []uint32
	for _, p := range again {
		got = append(got, p.ID)
	}
	if want := append([]uint32{maxPrekeyID}, ids...); !slices.Equal(got, want) {
		t.Fatalf("made %v, want %v", got, want)
	}
	if left, err := PrekeysLeft(d.store); err != nil || left != 0 {
		t.Fatalf("%d are left before any was published: %v", left, err)
	}
	if err := Publish(d.store, got); err != nil {
		t.Fatal(err)
	}
	if left, err := PrekeysLeft(d.store); err != nil || left != 4 {
		t.Fatalf("%d are left: %v", left, err)
	}
	changed(t, d.store, func(a *account) {
		if a.inBundle(ours) {
			t.Error("the number still counts as a bundle's")
		}
	})
	// Numbers above the next one were all made by now.
	use(t, d.store, maxPrekeyID)
	if _, err := AddPrekeys(d.store, 0); err != nil {
		t.Fatal(err)
	}
	if err := Publish(d.store, []uint32{maxPrekeyID}); err != nil {
		t.Fatalf("the last number, used and forgotten: %v", err)
	}
}

// use deletes one-time prekeys, as the first messages of peers do.
func use(t testing.TB, s *store.Store, ids ...uint32) {
	t.Helper()
	err := s.Update(func(tx *store.Tx) error {
		for _, id := range ids {
			tx.Delete(store.Prekeys, prekeyName(id))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A late report of the server's prekeys must not stop the app with an error.
func TestForgottenPrekeyMayBePublished(t *testing.T) {
	d := newOurs(t)
	made, err := AddPrekeys(d.store, 1)
	if err != nil {
		t.Fatal(err)
	}
	use(t, d.store, made[0].ID)
	if _, err := AddPrekeys(d.store, 0); err != nil {
		t.Fatal(err)
	}
	changed(t, d.store, func(a *account) {
		if len(a.unpublished) != 0 {
			t.Error("a used prekey is still to be published")
		}
	})
	if err := Publish(d.store, []uint32{made[0].ID}); err != nil {
		t.Error(err)
	}
	// Its number is free for one that was published elsewhere.
	made, err = AddPrekeys(d.store, 1)
	if err != nil {
		t.Fatal(err)
	}
	use(t, d.store, made[0].ID)
	if err := ImportPrekey(d.store, made[0].ID, &[32]byte{1: 1}); err != nil {
		t.Fatal(err)
	}
	unpublished, err := Unpublished(d.store, 9)
	if left, failure := PrekeysLeft(d.store); err != nil || failure != nil || left != 1 || len(unpublished) != 0 {
		t.Errorf("%d are left, %d to be published: %v, %v", left, len(unpublished), err, failure)
	}
}

// The account must not grow with every prekey that there ever was: it is written at each
// bundle.
func TestAccountDoesNotGrow(t *testing.T) {
	d := newOurs(t)
	for round := range 200 {
		made, err := AddPrekeys(d.store, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := Publish(d.store, []uint32{made[0].ID}); err != nil {
			t.Fatal(err)
		}
		d.bundle(t) // so that the numbers have gaps
		if round%10 == 0 {
			continue // this one is unused
		}
		use(t, d.store, made[0].ID)
	}
	changed(t, d.store, func(a *account) {
		if len(a.published) > 21 {
			t.Errorf("%d spans of published prekeys, 20 are left", len(a.published))
		}
	})
}

// A buffer that is outgrown would keep the private key.
func TestAccountFitsItsBuffer(t *testing.T) {
	a := newAccount(1<<32 - 1)
	a.nextPrekey, a.largestPrekey, a.nextSignedPrekey = maxPrekeyID, maxPrekeyID, maxPrekeyID
	for n := range 300 {
		id := maxPrekeyID - 1 - 2*uint32(n)
		a.unpublished.add(span{id, 1})
		a.published.add(span{id, 1})
		a.signed = append(a.signed, signedPrekey{id: id, since: -1})
		a.fits(t)
		handed := newAccount(1)
		handed.signed = []signedPrekey{{id: id, since: -1, bundled: a.published}}
		handed.fits(t)
	}
}

func (a *account) fits(t *testing.T) {
	t.Helper()
	room := make([]byte, 0, a.sizeHint())
	if b := a.encode(room); cap(b) != cap(room) {
		t.Fatalf("it has %d bytes, room was for %d", len(b), cap(room))
	}
}
