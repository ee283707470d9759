package signal

import (
	"crypto/sha256"
	"fmt"
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest/hardening"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"libcallkey/core/status"
	"libcallkey/core/store"
)

// firstMessage is what a new peer seals for d with a bundle that has a one-time prekey or not.
func (d *ours) firstMessage(t testing.TB, oneTime bool) (peer *ours, c session.Ciphertext) {
	t.Helper()
	from, c := hardening.FirstMessage(t, d, oneTime)
	return from.(*ours), c
}

// Two threads, or two processes, are given one first message under two names. It opens in one
// of them, whether a one-time prekey or the base key is what it uses up.
func TestFault27_OneFirstMessageTwiceAtOnce(t *testing.T) {
	for _, oneTime := range []bool{false, true} {
		for _, processes := range []int{1, 2} {
			t.Run(fmt.Sprintf("oneTime=%v processes=%d", oneTime, processes), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "s")
				var connections []*ours
				for range processes {
					s, err := OpenStore(path, make([]byte, store.StorageKeyBytes), store.Options{})
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { s.Close() })
					connections = append(connections, &ours{store: s})
				}
				us, other := connections[0], connections[processes-1]
				if _, err := AddPrekeys(us.store, 1); err != nil {
					t.Fatal(err)
				}
				_, first := us.firstMessage(t, oneTime)
				in, err := Parse(true, first.Bytes)
				if err != nil {
					t.Fatal(err)
				}
				var successes atomic.Int32
				done := make(chan error, 1)
				started := false
				err = Within(us.store, []Address{Address{Name: "222_1", Device: 3}}, in.Locks(us.store), func(tx *store.Tx, devices []Device) error {
					_, err := in.Decrypt(tx, devices[0])
					if !started {
						// Opened and not committed yet: now the other one comes.
						started = true
						go func() {
							_, err := other.at(Address{Name: "15550001", Device: 3}).open(first)
							done <- err
						}()
						select {
						case err := <-done:
							done <- err
						case <-time.After(200 * time.Millisecond): // it waits for us
						}
					}
					return err
				})
				for _, err := range []error{err, <-done} {
					switch status.Of(err) {
					case status.OK:
						successes.Add(1)
					case status.Duplicate, status.NoPrekey:
					default:
						t.Errorf("%v", err)
					}
				}
				if n := successes.Load(); n != 1 {
					t.Fatalf("one first message opened %d times", n)
				}
			})
		}
	}
}

// stuff puts n base keys into the bucket of a message's, in place of what is there.
func (d *ours) stuff(t testing.TB, c session.Ciphertext, n int, user func(i int) string) {
	t.Helper()
	in, err := Parse(c.Prekey, c.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	var row []byte
	for i := range n {
		name := sha256.Sum256([]byte(user(i)))
		row = append(row, fmt.Sprintf("%*d", baseKeyBytes, i)...)
		row = append(row, name[:userBytes]...)
	}
	if err := d.store.Update(func(tx *store.Tx) error {
		tx.Put(store.BaseKeys, bucketOf(in.first).name(), row)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// A peer makes as many base keys as it likes. They must not grow the store without end, must
// not be forgotten for it, as then they opened again, and one peer must not fill the memory
// that is for all.
func TestFault27_ManyFirstMessages(t *testing.T) {
	us := newOurs(t)
	one := func(int) string { return "flood_1" }
	each := func(i int) string { return fmt.Sprint(i) }
	_, first := us.firstMessage(t, false)

	us.stuff(t, first, maxBaseKeysOfUser, one)
	for device := range uint32(3) {
		us.at(Address{Name: "flood_1", Device: device}).refuses(t, first, status.NoPrekey)
	}
	opened(t, "first")(us.at(Address{Name: "honest_1"}).open(first))
	us.at(Address{Name: "flood_1"}).refuses(t, first, status.Duplicate)

	_, first = us.firstMessage(t, false)
	us.stuff(t, first, maxBaseKeysInBucket-1, each)
	peer, last := us.firstMessage(t, false)
	in, err := Parse(true, last.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	// To come into the full bucket takes luck, or work: the peer tries base keys.
	for want, _ := Parse(true, first.Bytes); bucketOf(in.first) != bucketOf(want.first); {
		bundle := us.bundle(t)
		bundle.PrekeyID = 0
		if err := Begin(peer.store, peer.peer, &bundle); err != nil {
			t.Fatal(err)
		}
		last = sealed(t)(peer.seal("first"))
		if in, err = Parse(true, last.Bytes); err != nil {
			t.Fatal(err)
		}
	}
	opened(t, "first")(us.at(Address{Name: "honest_2"}).open(first))
	us.at(Address{Name: "honest_3"}).refuses(t, last, status.NoPrekey)
	us.at(Address{Name: "honest_4"}).refuses(t, first, status.Duplicate)

	// A message that names a one-time prekey is not counted.
	if _, err := AddPrekeys(us.store, 1); err != nil {
		t.Fatal(err)
	}
	fresh := newOurs(t)
	bundle := us.bundle(t)
	if err := Begin(fresh.store, fresh.peer, &bundle); err != nil || bundle.PrekeyID == 0 {
		t.Fatal(err, bundle.PrekeyID)
	}
	opened(t, "x")(us.at(Address{Name: "flood_1", Device: 1}).open(sealed(t)(fresh.seal("x"))))

	// Nor is one of the next signed prekey.
	if _, err := RotateSignedPrekey(us.store); err != nil {
		t.Fatal(err)
	}
	_, first = us.firstMessage(t, false)
	opened(t, "first")(us.at(Address{Name: "flood_1", Device: 2}).open(first))
}

// A damaged row is not mistaken for an empty one.
func TestFault27_DamagedBaseKeys(t *testing.T) {
	us := newOurs(t)
	_, first := us.firstMessage(t, false)
	in, err := Parse(true, first.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if err := us.store.Update(func(tx *store.Tx) error {
		tx.Put(store.BaseKeys, bucketOf(in.first).name(), []byte("19 bytes are no row"))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	us.refuses(t, first, status.StoreCorrupt)
}

// Base keys are kept for as long as their signed prekey opens messages, and no longer.
func TestFault27_BaseKeysGoWithTheSignedPrekey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		us := newOurs(t)
		_, first := us.firstMessage(t, false)
		opened(t, "first")(us.open(first))
		in, err := Parse(true, first.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		kept := func() (row []byte) {
			t.Helper()
			if err := us.store.Update(func(tx *store.Tx) (err error) {
				row, err = tx.Get(store.BaseKeys, bucketOf(in.first).name())
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return row
		}
		other := us.at(Address{Name: "other"})
		rotate := func() {
			t.Helper()
			if _, err := RotateSignedPrekey(us.store); err != nil {
				t.Fatal(err)
			}
		}
		rotate()
		time.Sleep(keepSigned - time.Hour)
		rotate()
		other.refuses(t, first, status.Duplicate)
		if len(kept()) != entryBytes {
			t.Fatalf("the row has %d bytes", len(kept()))
		}
		time.Sleep(2 * time.Hour)
		rotate()
		if len(kept()) != 0 {
			t.Fatal("base keys of a signed prekey that is gone")
		}
		other.refuses(t, first, status.NoPrekey)
	})
}
