//go:build !without_libsignal

package signal

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	librecord "go.mau.fi/libsignal/state/record"

	"libcallkey/core/session/sessiontest/hardening"
	"libcallkey/core/status"
)

// moved is our device that takes over a session of the Signal library.
func moved(t *testing.T, d *hardening.Theirs) *ours {
	t.Helper()
	to := newOurs(t)
	if err := to.Import(d.Stored()); err != nil {
		t.Fatal(err)
	}
	return to
}

// An app that moves from whatsmeow must not have to begin every session anew.
func TestImportOfTheGoLibrarysRecord(t *testing.T) {
	v := newVictims(t, true)
	skipped := sealed(t)(v.againstTheir.seal("skipped"))
	opened(t, "next")(v.theirs.Open(sealed(t)(v.againstTheir.seal("next"))))
	if !bytes.HasPrefix(v.theirs.Stored(), []byte("{")) {
		t.Fatal("the library no longer stores JSON")
	}
	us := moved(t, v.theirs)
	opened(t, "skipped")(us.open(skipped))
	opened(t, "more")(us.open(sealed(t)(v.againstTheir.seal("more"))))
	opened(t, "back")(v.againstTheir.open(sealed(t)(us.seal("back"))))

	// Messages under way to a session that the library archived, some of them skipped.
	v = newVictims(t, true)
	second := v.theirs.Bundle()
	late := hardening.TwoSessions(t, v.againstTheir, &second, v.theirs)
	us = moved(t, v.theirs)
	opened(t, "later")(us.open(late[1]))
	opened(t, "late")(us.open(late[0]))
	us.refuses(t, late[0], status.Duplicate)
	opened(t, "3")(us.open(sealed(t)(v.againstTheir.seal("3"))))
	opened(t, "4")(v.againstTheir.open(sealed(t)(us.seal("4"))))

	// A session that the library began and that is not answered yet.
	unanswered, peer := hardening.NewTheirs(t), newOurs(t)
	bundle := peer.bundle(t)
	if err := unanswered.Begin(&bundle); err != nil {
		t.Fatal(err)
	}
	first := sealed(t)(moved(t, unanswered).seal("first"))
	if !first.Prekey {
		t.Fatal("an unanswered session must seal prekey messages")
	}
	// The moved session keeps the library's own identity, which the peer sees.
	opened(t, "first")(peer.open(first))
}

// A record that was damaged, or is of another version, changes nothing.
func TestImportRefusesOtherJSON(t *testing.T) {
	v := newVictims(t, true)
	good := v.theirs.Stored()
	spoilt := func(spoil func(*librecord.SessionStructure)) []byte {
		var s librecord.SessionStructure
		if err := json.Unmarshal(good, &s); err != nil {
			t.Fatal(err)
		}
		spoil(&s)
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	us := newOurs(t)
	for name, c := range map[string]struct {
		record []byte
		want   status.Code
	}{
		"nothing in it":   {[]byte("{}"), status.Malformed},
		"cut":             {good[:len(good)/2], status.Malformed},
		"not an object":   {[]byte(`{"SessionState":7}`), status.Malformed},
		"deep":            {[]byte(strings.Repeat(`{"SessionState":`, 20000)), status.Malformed},
		"an escape":       {[]byte(strings.Replace(string(good), `"SessionState"`, `"Session\u0053tate"`, 1)), status.Malformed},
		"version 4":       {spoilt(func(s *librecord.SessionStructure) { s.SessionState.SessionVersion = 4 }), status.Unsupported},
		"short root":      {spoilt(func(s *librecord.SessionStructure) { s.SessionState.RootKey = s.SessionState.RootKey[:31] }), status.Malformed},
		"no identity":     {spoilt(func(s *librecord.SessionStructure) { s.SessionState.RemoteIdentityPublic = nil }), status.Malformed},
		"no chain key":    {spoilt(func(s *librecord.SessionStructure) { s.SessionState.SenderChain.ChainKey = nil }), status.Malformed},
		"foreign ratchet": {spoilt(func(s *librecord.SessionStructure) { s.SessionState.SenderChain.SenderRatchetKeyPrivate[5] ^= 1 }), status.Malformed},
		"low order": {spoilt(func(s *librecord.SessionStructure) {
			s.SessionState.RemoteIdentityPublic = append([]byte{5}, make([]byte, 32)...)
		}), status.InvalidKey},
	} {
		if err := Import(us.store, us.peer, c.record); status.Of(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want.Name())
		}
	}
	if err := Check(us.store, us.peer); status.Of(err) != status.NoSession {
		t.Fatalf("a refused import left something: %v", err)
	}
}
