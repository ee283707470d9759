package signal

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	libmessage "go.mau.fi/libsignal/keys/message"
	librecord "go.mau.fi/libsignal/state/record"
	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/kdf"
	"libcallkey/core/status"
)

// moved is our device that takes over a session of the Signal library.
func (d *theirs) moved(t *testing.T) *ours {
	t.Helper()
	to := newOurs(t)
	if err := Import(to.store, to.peer, d.stored[d.peer.String()]); err != nil {
		t.Fatal(err)
	}
	return to
}

// An app that moves from whatsmeow must not have to begin every session anew.
func TestImportOfTheGoLibrarysRecord(t *testing.T) {
	v := newVictims(t, true)
	skipped := sealed(t)(v.againstTheir.seal("skipped"))
	opened(t, "next")(v.theirs.open(sealed(t)(v.againstTheir.seal("next"))))
	if !bytes.HasPrefix(v.theirs.stored[v.theirs.peer.String()], []byte("{")) {
		t.Fatal("the library no longer stores JSON")
	}
	us := v.theirs.moved(t)
	opened(t, "skipped")(us.open(skipped))
	opened(t, "more")(us.open(sealed(t)(v.againstTheir.seal("more"))))
	opened(t, "back")(v.againstTheir.open(sealed(t)(us.seal("back"))))

	// Messages under way to a session that the library archived, some of them skipped.
	v = newVictims(t, true)
	second := v.theirs.bundle()
	late := twoSessions(t, v.againstTheir, &second, v.theirs.open)
	us = v.theirs.moved(t)
	opened(t, "later")(us.open(late[1]))
	opened(t, "late")(us.open(late[0]))
	us.refuses(t, late[0], status.Duplicate)
	opened(t, "3")(us.open(sealed(t)(v.againstTheir.seal("3"))))
	opened(t, "4")(v.againstTheir.open(sealed(t)(us.seal("4"))))

	// A session that the library began and that is not answered yet.
	unanswered, peer := newTheirs(t), newOurs(t)
	bundle := peer.bundle(t)
	if err := unanswered.begin(&bundle); err != nil {
		t.Fatal(err)
	}
	first := sealed(t)(unanswered.moved(t).seal("first"))
	if !first.Prekey {
		t.Fatal("an unanswered session must seal prekey messages")
	}
	// The moved session keeps the library's own identity, which the peer sees.
	opened(t, "first")(peer.open(first))
}

// A record that was damaged, or is of another version, changes nothing.
func TestImportRefusesOtherJSON(t *testing.T) {
	v := newVictims(t, true)
	good := v.theirs.stored[v.theirs.peer.String()]
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

// A record with more chains than are kept, as another client may write it, keeps the newest, each
// with its own skipped messages.
func TestNewestChainsAreKept(t *testing.T) {
	wrote := state{root: [32]byte{1}, localIdentity: [32]byte{2}, remoteIdentity: [32]byte{3}}
	wrote.sender = senderChain{private: [32]byte{4}, public: [32]byte{5}, chain: chainKey{key: [32]byte{6}}}
	for i := range byte(2*maxReceivers + 1) {
		c := receiverChain{ratchet: [32]byte{i + 1}, chain: chainKey{key: [32]byte{7}, index: 100}}
		for j := range uint32(i) {
			c.keep(messageKeys{cipher: [32]byte{i}, index: j})
		}
		wrote.receivers = append(wrote.receivers, c)
	}
	encoded := (&record{current: &wrote}).encode(nil)
	var read record
	if err := read.decode(encoded); err != nil {
		t.Fatal(err)
	}
	want := wrote.receivers[maxReceivers+1:]
	if got := read.current.receivers; !reflect.DeepEqual(got, want) {
		t.Fatalf("%d chains are kept, not the newest %d", len(got), len(want))
	}
}

// Four megabytes hold a million keys without a byte in them. If each were kept for a while,
// the import would take ten seconds.
func TestJSONOfManyKeys(t *testing.T) {
	from := &librecord.StateStructure{
		SessionVersion: version3,
		SenderChain:    &librecord.ChainStructure{},
		ReceiverChains: []*librecord.ChainStructure{{}},
	}
	empty := &libmessage.KeysStructure{}
	for range maxRecordBytes / len("{},") {
		from.ReceiverChains[0].MessageKeys = append(from.ReceiverChains[0].MessageKeys, empty)
		from.ReceiverChains = append(from.ReceiverChains, &librecord.ChainStructure{})
	}
	from.ReceiverChains = append(from.ReceiverChains, from.ReceiverChains[0])
	// Its allocations show its work, on any machine.
	allocated := testing.AllocsPerRun(1, func() {
		if err := new(state).fromStructure(from); status.Of(err) != status.Malformed {
			t.Fatalf("%v", err)
		}
	})
	if allocated > 10*maxSkipped { // the whole record would be 20 million
		t.Fatalf("it allocated %v times", allocated)
	}
}

// Newer clients keep the seed of a skipped message's keys instead of the keys.
func TestImportExpandsSeeds(t *testing.T) {
	v := newVictims(t, true)
	opened(t, "turn")(v.ours.open(sealed(t)(v.againstOurs.seal("turn"))))
	before := v.ours.record(t)
	skipped := sealed(t)(v.againstOurs.seal("skipped"))
	opened(t, "next")(v.ours.open(sealed(t)(v.againstOurs.seal("next"))))
	r := v.ours.record(t)
	last := len(r.current.receivers) - 1
	chain := chainAt(t, before, r.current.receivers[last].ratchet)
	want := r.current.receivers[last].skipped[0]
	if chain.messageKeys() != want {
		t.Fatal("the test's seed is not the skipped message's")
	}
	var seed [32]byte
	kdf.HMAC(&seed, chain.key[:], messageSeed)
	var got messageKeys
	for _, number := range []protowire.Number{messageKeysSeed, messageKeysSeedToo} {
		seeded := encoder{}
		seeded.number(messageKeysIndex, uint64(want.index))
		seeded.bytes(number, seed[:])
		var err error
		got, err = decodeMessageKeys(field{kind: 2, body: seeded.b})
		if err != nil || got != want {
			t.Fatalf("keys from a seed in field %d: %v", number, err)
		}
	}
	for _, n := range []int{0, 31, 33} {
		bad := encoder{}
		bad.bytes(messageKeysSeed, make([]byte, n))
		if _, err := decodeMessageKeys(field{kind: 2, body: bad.b}); status.Of(err) != status.Malformed {
			t.Errorf("seed of %d bytes: %v", n, err)
		}
	}
	r.current.receivers[last].skipped[0] = got
	v.ours.setRecord(t, r)
	opened(t, "skipped")(v.ours.open(skipped))
}

func chainAt(t *testing.T, r *record, ratchet [32]byte) chainKey {
	t.Helper()
	i := r.current.receiver(&ratchet)
	if i < 0 {
		t.Fatalf("no chain of ratchet key %x", ratchet[:4])
	}
	return r.current.receivers[i].chain
}
