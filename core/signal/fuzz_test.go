package signal

import (
	"bytes"
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"libcallkey/core/session/sessiontest/hardening"
	"testing"

	"libcallkey/core/curve"
	"libcallkey/core/status"
)

// fuzzOpen delivers any bytes to a device that has a session, and then an honest
// message, which must open whatever came before.
func fuzzOpen(f *testing.F, prekey bool) {
	seed := newVictims(f, !prekey)
	for _, spoil := range spoils() {
		f.Add(forge(f, seed.againstOurs, sessiontest.Padded("seed"), spoil).Bytes)
	}
	f.Add([]byte{0x33})
	v := newVictims(f, true) // one pair for all inputs: none may change it
	f.Fuzz(func(t *testing.T, wire []byte) {
		before := v.ours.dump(t)
		_, err := v.ours.open(session.Ciphertext{Bytes: wire, Prekey: prekey})
		hardening.RemoteStatus(t, err)
		if err == nil {
			t.Fatal("bytes that nobody sealed were opened")
		}
		if !bytes.Equal(before, v.ours.dump(t)) {
			t.Fatal("a refused message changed the store")
		}
		opened(t, "honest")(v.ours.open(sealed(t)(v.againstOurs.seal("honest"))))
	})
}

// spoils turn an honest message into one that is rejected late, each at another place.
func spoils() []func(f *sessiontest.Forgery) {
	lowOrder := curve.Typed(&[32]byte{1})
	return []func(f *sessiontest.Forgery){
		func(*sessiontest.Forgery) {},
		func(f *sessiontest.Forgery) { f.Version = 0x34 },
		func(f *sessiontest.Forgery) { f.SpoilMAC = true },
		(*sessiontest.Forgery).BogusTurn,
		func(f *sessiontest.Forgery) { f.Counter = sessiontest.MaxJump },
		func(f *sessiontest.Forgery) { f.Counter = sessiontest.MaxJump + 5 },
		func(f *sessiontest.Forgery) { f.Ratchet = lowOrder[:] },
		func(f *sessiontest.Forgery) { f.Base = lowOrder[:] },
		func(f *sessiontest.Forgery) { f.Identity = lowOrder[:] },
		func(f *sessiontest.Forgery) { f.PrekeyID = 0 },
		func(f *sessiontest.Forgery) { f.Extra = sessiontest.ExtraField(5) },
		func(f *sessiontest.Forgery) { f.ExtraOutside = sessiontest.ExtraField(7) },
	}
}

func FuzzMessage(f *testing.F)       { fuzzOpen(f, false) }
func FuzzPrekeyMessage(f *testing.F) { fuzzOpen(f, true) }

// FuzzParse runs the parsers alone, which is a thousand times faster than a session.
func FuzzParse(f *testing.F) {
	for _, answered := range []bool{true, false} {
		v := newVictims(f, answered)
		for _, spoil := range spoils() {
			f.Add(!answered, forge(f, v.againstOurs, sessiontest.Padded("seed"), spoil).Bytes)
		}
	}
	f.Fuzz(func(t *testing.T, prekey bool, wire []byte) {
		_, err := Parse(prekey, wire)
		hardening.RemoteStatus(t, err)
		if err != nil {
			return
		}
		if m := sessiontest.ParseMessage(t, prekey, wire); len(m.Body) == 0 || len(m.Body)%16 != 0 || len(m.MAC) != 8 {
			t.Fatal("parsed into something that can't be decrypted")
		}
	})
}

// FuzzRecord: what imports must export to the same bytes again and be usable.
func FuzzRecord(f *testing.F) {
	v := newVictims(f, true)
	skip := func() {
		sealed(f)(v.againstOurs.seal("skipped"))
		opened(f, "next")(v.ours.open(sealed(f)(v.againstOurs.seal("next"))))
	}
	add := func() {
		encoded, err := Export(v.ours.store, v.ours.peer)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(encoded)
	}
	add()
	skip()
	add()
	bundle := v.againstOurs.bundle(f)
	if err := Begin(v.ours.store, v.ours.peer, &bundle); err != nil {
		f.Fatal(err)
	}
	skip()
	add()
	f.Add(v.theirs.Stored())
	f.Fuzz(func(t *testing.T, encoded []byte) {
		d := newOurs(t)
		err := Import(d.store, d.peer, encoded)
		hardening.RemoteStatus(t, err)
		if err != nil {
			if Check(d.store, d.peer) == nil {
				t.Fatal("a refused record was stored")
			}
			return
		}
		again, err := Export(d.store, d.peer)
		if err != nil {
			t.Fatal(err)
		}
		if err := Import(d.store, d.peer, again); err != nil {
			t.Fatalf("an exported record does not import: %v", err)
		}
		d.seal("x")
	})
}

// FuzzBundle: a bundle that the server made up must not begin a session unless it is
// one that an identity key signed.
func FuzzBundle(f *testing.F) {
	peer := newOurs(f)
	good := peer.bundle(f)
	f.Add(good.RegistrationID, good.PrekeyID, good.SignedPrekeyID, good.IdentityKey[:], good.Prekey[:], good.SignedPrekey[:], good.Signature[:])
	f.Add(good.RegistrationID, uint32(0), good.SignedPrekeyID, good.IdentityKey[:], []byte{}, good.SignedPrekey[:], good.Signature[:])
	f.Add(good.RegistrationID, good.PrekeyID, good.SignedPrekeyID, good.IdentityKey[:], []byte{1}, good.SignedPrekey[:], good.Signature[:])
	f.Fuzz(func(t *testing.T, registration, prekeyID, signedID uint32, identity, prekey, signed, signature []byte) {
		b := session.Bundle{RegistrationID: registration, PrekeyID: prekeyID, SignedPrekeyID: signedID}
		copy(b.IdentityKey[:], identity)
		copy(b.Prekey[:], prekey)
		copy(b.SignedPrekey[:], signed)
		copy(b.Signature[:], signature)
		d := newOurs(t)
		before := d.dump(t)
		err := Begin(d.store, d.peer, &b)
		if code := status.Of(err); code != status.OK && code != status.InvalidKey {
			t.Fatalf("%s: %v", code.Name(), err)
		}
		if err != nil && !bytes.Equal(before, d.dump(t)) {
			t.Fatal("a refused bundle changed the store")
		}
		if err == nil {
			if c := sealed(t)(d.seal("x")); !c.Prekey {
				t.Fatal("a new session must seal prekey messages")
			}
		}
	})
}

// FuzzHistory: two devices over stores.
func FuzzHistory(f *testing.F) { hardening.History(f, newOurs(f)) }
