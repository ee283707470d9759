package offer_test

import (
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// call is one call of the library and what must hold after it, whether it failed or not.
// After runs twice.
type call struct {
	name   string
	images []string
	opens  bool // the call makes the open store itself
	run    func(x *scene, t *testing.T, s *store.Store) (*store.Store, error)
	after  func(x *scene, t *testing.T, s *store.Store, when string)
}

// on is a call on an open store.
func on(work func(x *scene, t *testing.T, s *store.Store) error) func(*scene, *testing.T, *store.Store) (*store.Store, error) {
	return func(x *scene, t *testing.T, s *store.Store) (*store.Store, error) { return s, work(x, t, s) }
}

func opening(x *scene, t *testing.T, _ *store.Store) (*store.Store, error) {
	return signal.OpenStore(x.path, storageKey, store.Options{})
}

// must is for what a sound disk can't refuse.
func must(t *testing.T, when string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
}

func stillTalks(x *scene, t *testing.T, s *store.Store, when string) { x.talks(t, s, deviceJID, when) }

func calls() []call {
	return []call{
		{"open", []string{closed, inUse, longLog}, true, opening, stillTalks},
		{"open a new store", []string{nothing}, true, opening, func(x *scene, t *testing.T, s *store.Store, when string) {
			_, err := x.bundle(s)
			must(t, when, err)
		}},
		{"close", []string{closed, longLog}, false, func(x *scene, t *testing.T, s *store.Store) (*store.Store, error) {
			// SQLite says nothing of an error here: the log stays and is read next time.
			_, err := x.seal(t, s, deviceJID)
			if failure := s.Close(); err == nil {
				err = failure
			}
			return nil, err
		}, stillTalks},
		{"seal", []string{closed, longLog}, false, on(func(x *scene, t *testing.T, s *store.Store) error {
			l, err := x.seal(t, s, deviceJID)
			if err == nil {
				x.arrives(t, l, deviceJID)
			}
			return err
		}), stillTalks},
		{"seal for several devices", []string{closed}, false, on(func(x *scene, t *testing.T, s *store.Store) error {
			return x.fanOut(t, s, "under the error")
		}), func(x *scene, t *testing.T, s *store.Store, when string) { must(t, when, x.fanOut(t, s, when)) }},
		{"open a message", []string{closed}, false, on(func(x *scene, t *testing.T, s *store.Store) error {
			return x.delivered(t, s, x.turn)
		}), func(x *scene, t *testing.T, s *store.Store, when string) {
			x.known(t, s, x.turn, when)
			x.talks(t, s, deviceJID, when)
		}},
		{"open an overtaken message", []string{closed}, false, on(func(x *scene, t *testing.T, s *store.Store) error {
			return x.delivered(t, s, x.overtaken)
		}), func(x *scene, t *testing.T, s *store.Store, when string) {
			x.known(t, s, x.overtaken, when)
			x.talks(t, s, phoneJID, when)
		}},
		{"open a first message", []string{closed, inUse}, false, on(func(x *scene, t *testing.T, s *store.Store) error {
			return x.delivered(t, s, x.first)
		}), func(x *scene, t *testing.T, s *store.Store, when string) {
			x.known(t, s, x.first, when)
			if err := x.delivered(t, s, x.rival); status.Of(err) != status.NoPrekey {
				t.Fatalf("%s: a second message with the one-time prekey: %v", when, err)
			}
			x.talks(t, s, strangerJID, when)
		}},
		{"begin", []string{closed}, false, on(beginNew), func(x *scene, t *testing.T, s *store.Store, when string) {
			must(t, when, beginNew(x, t, s))
			x.talks(t, s, newJID, when)
		}},
		{"begin with an offer", []string{closed}, false, on(func(x *scene, t *testing.T, s *store.Store) error {
			return x.begins(t, s)
		}), func(x *scene, t *testing.T, s *store.Store, when string) {
			must(t, when, x.begins(t, s))
			x.talks(t, s, newJID, when)
			x.talks(t, s, deviceJID, when)
		}},
		{"alias", []string{closed}, false, on(oneDevice), func(x *scene, t *testing.T, s *store.Store, when string) {
			must(t, when, oneDevice(x, t, s))
			must(t, when, signal.Check(s, addressOf(t, lidJID)))
			x.known(t, s, x.overtaken, when)
			x.talks(t, s, phoneJID, when)
		}},
		{"prekeys and a bundle", []string{closed}, false, on(prekeys), func(x *scene, t *testing.T, s *store.Store, when string) {
			must(t, when, prekeys(x, t, s))
		}},
		{"publish prekeys", []string{closed}, false, on(publish), func(x *scene, t *testing.T, s *store.Store, when string) {
			left, unpublished := stock(t, s, when)
			if left+unpublished != 3 {
				t.Fatalf("%s: %d of 3 prekeys are published, %d are not", when, left, unpublished)
			}
			must(t, when, publish(x, t, s))
			if left, unpublished := stock(t, s, when); left != 3 || unpublished != 0 {
				t.Fatalf("%s: at last %d of 3 prekeys are published, %d are not", when, left, unpublished)
			}
		}},
		{"a bundle", []string{closed}, false, on(bundle), func(x *scene, t *testing.T, s *store.Store, when string) {
			must(t, when, bundle(x, t, s))
		}},
		{"trust", []string{closed}, false, on(func(x *scene, t *testing.T, s *store.Store) error {
			own, err := signal.OwnIdentity(x.peers[newJID])
			must(t, "the peer", err)
			return signal.Trust(s, addressOf(t, deviceJID), &own.PublicKey)
		}), func(x *scene, t *testing.T, s *store.Store, when string) {
			own, err := signal.OwnIdentity(x.peers[deviceJID])
			must(t, when, err)
			must(t, when, signal.Trust(s, addressOf(t, deviceJID), &own.PublicKey))
			x.talks(t, s, deviceJID, when)
		}},
		{"move a record", []string{closed}, false, on(func(x *scene, t *testing.T, s *store.Store) error {
			record, err := signal.Export(s, addressOf(t, deviceJID))
			if err != nil {
				return err
			}
			return signal.Import(s, addressOf(t, deviceJID), record)
		}), stillTalks},
		{"outrun by another process", []string{closed}, false, on(outrun), stillTalks},
	}
}

func beginNew(x *scene, t *testing.T, s *store.Store) error {
	bundle, err := signal.TakeBundle(x.peers[newJID])
	must(t, "the peer", err)
	return signal.Begin(s, addressOf(t, newJID), &bundle)
}

func oneDevice(x *scene, t *testing.T, s *store.Store) error {
	return signal.Alias(s, addressOf(t, phoneJID), addressOf(t, lidJID))
}

func bundle(x *scene, _ *testing.T, s *store.Store) error {
	_, err := x.bundle(s)
	return err
}

func prekeys(x *scene, t *testing.T, s *store.Store) error {
	if _, err := signal.AddPrekeys(s, 2); err != nil {
		return err
	}
	if _, err := x.bundle(s); err != nil {
		return err
	}
	made, err := signal.RotateSignedPrekey(s)
	if err != nil {
		return err
	}
	b, err := x.bundle(s)
	if err == nil && b.SignedPrekeyID != made.ID {
		t.Fatalf("the bundle has signed prekey %d, not the newest %d", b.SignedPrekeyID, made.ID)
	}
	return err
}

// publish is what an app does when it starts: whatever was not published yet is now.
func publish(_ *scene, _ *testing.T, s *store.Store) error {
	made, err := signal.Unpublished(s, 100)
	if err != nil {
		return err
	}
	var ids []uint32
	for _, p := range made {
		ids = append(ids, p.ID)
	}
	return signal.Publish(s, ids)
}

// stock is how many prekeys are published, and how many are not.
func stock(t *testing.T, s *store.Store, when string) (left, unpublished int) {
	left, err := signal.PrekeysLeft(s)
	must(t, when, err)
	made, err := signal.Unpublished(s, 1<<20)
	must(t, when, err)
	return left, len(made)
}

// outrun is a call that finds at its commit that another process was faster, and does its
// work once more with the file locked.
func outrun(x *scene, t *testing.T, s *store.Store) error {
	at := x.disk.at
	x.disk.heal()
	other := x.open(t, "a second connection")
	l := x.sealed(t, other, tabletJID)
	x.arrives(t, l, tabletJID)
	x.disk.at = at
	defer other.Close()
	key := newKey(t)
	var runs int
	var c session.Ciphertext
	err := signal.Within(s, []signal.Address{addressOf(t, deviceJID)}, nil, func(tx *store.Tx, d []signal.Device) (err error) {
		if runs++; runs == 1 {
			at := x.disk.at
			x.disk.heal()
			x.arrives(t, x.sealed(t, other, deviceJID), deviceJID)
			x.disk.at = at
		}
		c, err = signal.Encrypt(tx, d[0], session.Plaintext{Bytes: append([]byte{0x52, 0x22, 0x0a, 0x20}, append(key[:], 1)...)})
		return err
	})
	if err == nil && runs != 2 {
		t.Fatalf("the work ran %d times", runs)
	}
	if err == nil {
		x.arrives(t, letter{key: key, kind: 1, ciphertext: c.Bytes}, deviceJID)
	}
	return err
}
