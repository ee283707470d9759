package signal

import (
	"bytes"
	"path/filepath"
	"testing"

	"libcallkey/core/session"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// warm reports whether the store keeps the session with the device. What it keeps must be what the
// rows say.
func (d *ours) warm(t testing.TB) (has bool) {
	t.Helper()
	err := Within(d.store, []Address{d.peer}, nil, func(tx *store.Tx, devices []Device) error {
		k, ok := tx.Take(string(devices[0])).(*keptSession)
		if has = ok; !ok {
			return nil
		}
		r, err := loadSession(tx, devices[0])
		if err != nil {
			return err
		}
		defer r.Release()
		trusted, err := loadIdentity(tx, devices[0])
		if err != nil {
			return err
		}
		if !bytes.Equal(k.record.Encode(), r.Encode()) || k.record.Apart() != r.Apart() {
			t.Error("the session that is kept is not the one in the store")
		}
		if !bytes.Equal(k.trusted, trusted) {
			t.Error("the identity key that is kept is not the one in the store")
		}
		tx.Return(string(devices[0]), k)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return has
}

// warmPair are two devices in an answered session. The first one's store is in a file, and keeps it.
func warmPair(t *testing.T, path string) (us, them *ours) {
	t.Helper()
	s, err := OpenStore(path, make([]byte, store.StorageKeyBytes), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	us, them = &ours{s, Address{"them", 3}}, newOurs(t)
	bundle := them.bundle(t)
	if err := us.Begin(&bundle); err != nil {
		t.Fatal(err)
	}
	if us.warm(t) {
		t.Error("a session is kept before it sealed")
	}
	us.talk(t, them)
	return us, them
}

// talk passes a message each way.
func (d *ours) talk(t testing.TB, them *ours) {
	t.Helper()
	opened(t, "to them")(them.open(sealed(t)(d.seal("to them"))))
	if !d.warm(t) {
		t.Error("the session that sealed is not kept")
	}
	opened(t, "to us")(d.open(sealed(t)(them.seal("to us"))))
	if !d.warm(t) {
		t.Error("the session that opened is not kept")
	}
}

// What changes a device's rows other than a message of its session. If one of these tests failed, the
// next message would be sealed or opened in a session that is no longer the device's.
func TestChangesOfAWarmSession(t *testing.T) {
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	neither := func(want status.Code) func(*testing.T, *ours, *ours, session.Ciphertext) {
		return func(t *testing.T, us, them *ours, next session.Ciphertext) {
			if _, err := us.seal("no"); status.Of(err) != want {
				t.Errorf("to seal: %v", err)
			}
			if _, err := us.open(next); status.Of(err) != want {
				t.Errorf("to open: %v", err)
			}
		}
	}
	both := func(t *testing.T, us, them *ours, next session.Ciphertext) {
		opened(t, "next")(us.open(next))
		us.talk(t, them)
	}
	key := func(first byte) *[32]byte { return &[32]byte{first} }
	other := Address{"other", 3}
	path := ""
	for name, c := range map[string]struct {
		change func(t *testing.T, us, them *ours)
		then   func(t *testing.T, us, them *ours, next session.Ciphertext)
	}{
		"a session begins": {func(t *testing.T, us, them *ours) {
			bundle := them.bundle(t)
			must(t, us.Begin(&bundle))
		}, func(t *testing.T, us, them *ours, next session.Ciphertext) {
			first := sealed(t)(us.seal("first"))
			if !first.Prekey {
				t.Error("it seals in the session before")
			}
			opened(t, "first")(them.open(first))
			opened(t, "next")(us.open(next))
		}},
		"the peer begins one": {func(t *testing.T, us, them *ours) {
			bundle := us.bundle(t)
			must(t, them.Begin(&bundle))
			opened(t, "hello")(us.open(sealed(t)(them.seal("hello"))))
		}, func(t *testing.T, us, them *ours, next session.Ciphertext) {
			must(t, them.CanSeal())
			opened(t, "answer")(them.open(sealed(t)(us.seal("answer"))))
			if sealed(t)(them.seal("it is answered")).Prekey {
				t.Error("the answer was in the session before")
			}
			opened(t, "next")(us.open(next))
		}},
		"an old record is imported": {func(t *testing.T, us, them *ours) {
			record, err := us.Record()
			must(t, err)
			sealed(t)(us.seal("lost"))
			must(t, us.Import(record))
		}, func(t *testing.T, us, them *ours, next session.Ciphertext) {
			first := sealed(t)(us.seal("first"))
			record, err := us.Record()
			must(t, err)
			must(t, us.Import(record))
			opened(t, "first")(them.open(first))
			opened(t, "second")(them.open(sealed(t)(us.seal("second"))))
			opened(t, "next")(us.open(next))
		}},
		"it is removed":          {func(t *testing.T, us, _ *ours) { must(t, us.Remove()) }, neither(status.NoSession)},
		"the user is removed":    {func(t *testing.T, us, _ *ours) { must(t, RemoveUser(us.store, us.peer.Name)) }, neither(status.NoSession)},
		"another key is trusted": {func(t *testing.T, us, _ *ours) { must(t, us.Trust(key(9))) }, neither(status.UntrustedIdentity)},
		"the key is removed":     {func(t *testing.T, us, _ *ours) { must(t, RemoveIdentity(us.store, us.peer)) }, neither(status.UntrustedIdentity)},
		"its name moves to another device": {func(t *testing.T, us, _ *ours) {
			must(t, Alias(us.store, us.peer, other))
		}, func(t *testing.T, us, them *ours, next session.Ciphertext) {
			both(t, us.at(other), them, next)
			must(t, Unalias(us.store, us.peer))
			neither(status.NoSession)(t, us, them, sealed(t)(them.seal("later")))
		}},
		"another device joins it": {func(t *testing.T, us, them *ours) {
			bundle := them.bundle(t)
			must(t, us.at(other).Begin(&bundle))
			must(t, Alias(us.store, other, us.peer))
		}, both},
		"another process seals": {func(t *testing.T, us, them *ours) {
			s, err := OpenStore(path, make([]byte, store.StorageKeyBytes), store.Options{})
			must(t, err)
			defer s.Close()
			opened(t, "elsewhere")(them.open(sealed(t)((&ours{s, us.peer}).seal("elsewhere"))))
		}, both},
		"the storage key changes": {func(t *testing.T, us, them *ours) {
			must(t, us.store.ChangeKey(bytes.Repeat([]byte{5}, store.StorageKeyBytes)))
		}, both},
		"a message is refused": {func(t *testing.T, us, them *ours) {
			m := sealed(t)(them.seal("forged"))
			bad := session.Ciphertext{Bytes: bytes.Clone(m.Bytes)}
			bad.Bytes[len(bad.Bytes)-12] ^= 1
			us.refuses(t, bad, status.Authentication)
			if !us.warm(t) {
				t.Error("the session that refused a message is not kept")
			}
			opened(t, "forged")(us.open(m))
			us.refuses(t, m, status.Duplicate)
		}, both},
		"a call changes its mind": {func(t *testing.T, us, them *ours) {
			us.OpenAndDie(t, sealed(t)(them.seal("lost")))
			if us.warm(t) {
				t.Error("a session is kept after a call that was not committed")
			}
		}, both},
		"messages are skipped": {func(t *testing.T, us, them *ours) {
			late := sealed(t)(them.seal("late"))
			opened(t, "now")(us.open(sealed(t)(them.seal("now"))))
			if us.warm(t) {
				t.Error("a session is kept with its archive")
			}
			sealed(t)(us.seal("warm again"))
			if !us.warm(t) {
				t.Error("a session with an archive that was not read is not kept")
			}
			opened(t, "late")(us.open(late))
		}, both},
	} {
		t.Run(name, func(t *testing.T) {
			path = filepath.Join(t.TempDir(), "s")
			us, them := warmPair(t, path)
			next := sealed(t)(them.seal("next"))
			c.change(t, us, them)
			us.warm(t)
			c.then(t, us, them, next)
			us.warm(t)
		})
	}
}
