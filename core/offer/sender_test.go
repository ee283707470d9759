package offer_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	wm "go.mau.fi/whatsmeow/binary"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Row 28: an offer whose call-creator is not who the server says it is from planted the
// peer's identity under another name. If one of these tests failed, whoever calls first in
// another's name would be that other from then on: our keys for them would be the caller's.

// posted is what a server delivers: attributes that are "" are not there.
type posted struct {
	tag, from, participant, creator string
	enc                             stanza.Enc
}

func (p posted) wire(t testing.TB) []byte {
	t.Helper()
	attrs := func(pairs ...string) wm.Attrs {
		a := wm.Attrs{}
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				a[pairs[i]] = pairs[i+1]
			}
		}
		return a
	}
	action := wm.Node{
		Tag:   p.tag,
		Attrs: attrs("call-id", callOptions.CallID, "call-creator", p.creator, "transaction-id", "7"),
		Content: []wm.Node{
			{Tag: "encopt", Attrs: wm.Attrs{"keygen": "2"}},
			{Tag: "enc", Attrs: wm.Attrs{"v": "2", "type": p.enc.Type.String(), "count": "0"}, Content: p.enc.Ciphertext},
		},
	}
	wire, err := wm.Marshal(wm.Node{Tag: "call", Attrs: attrs("from", p.from, "participant", p.participant), Content: []wm.Node{action}})
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

// open opens it as an offer or accept, or as an enc_rekey.
func (p posted) open(t testing.TB, s *store.Store, sender string) (offer.Info, [callkey.Bytes]byte, error) {
	t.Helper()
	var opened [callkey.Bytes]byte
	if p.tag == "enc_rekey" {
		info, err := offer.OpenRekey(s, &opened, p.wire(t), sender)
		return info, opened, err
	}
	info, err := offer.Open(s, &opened, p.wire(t), nil, sender)
	return info, opened, err
}

const meJID = "222222222222222:0@lid"

// caller is a peer that calls the owner of a store.
type caller struct{ *store.Store }

func newCaller(t testing.TB, me *store.Store) caller {
	c := caller{openStore(t, false)}
	begin(t, c.Store, me, meJID)
	return c
}

// calls is a fresh key and its ciphertext.
func (c caller) calls(t testing.TB) (key [callkey.Bytes]byte, enc stanza.Enc) {
	t.Helper()
	key = newKey(t)
	ciphertext, kind, err := offer.SealEnc(c.Store, meJID, key[:], -1)
	if err != nil {
		t.Fatal(err)
	}
	return key, stanza.Enc{Type: kind, Ciphertext: ciphertext}
}

// known makes me know the caller under a name, from a first message.
func (c caller) known(t testing.TB, me *store.Store, name string) {
	t.Helper()
	key, enc := c.calls(t)
	var opened [callkey.Bytes]byte
	if err := offer.OpenEnc(me, &opened, name, enc.Type, 2, enc.Ciphertext); err != nil || opened != key {
		t.Fatal(err)
	}
}

func identityOf(t testing.TB, s *store.Store) [32]byte {
	t.Helper()
	own, err := signal.OwnIdentity(s)
	if err != nil {
		t.Fatal(err)
	}
	return own.PublicKey
}

// knows is the identity that s has of a device, zero if none.
func knows(t testing.TB, s *store.Store, jid string) [32]byte {
	t.Helper()
	key, err := signal.IdentityOf(s, addressOf(t, jid))
	if code := status.Of(err); code != status.OK && code != status.NotFound && code != status.NoIdentity {
		t.Fatal(err)
	}
	return key
}

func alias(t testing.TB, s *store.Store, name, jid string) {
	t.Helper()
	if err := signal.Alias(s, addressOf(t, name), addressOf(t, jid)); err != nil {
		t.Fatal(err)
	}
}

func TestFault28_FirstContactUnderAnothersName(t *testing.T) {
	const lid, pn, other, group = "700:2@lid", "1555@s.whatsapp.net", "666:2@lid", "1203@g.us"
	for _, row := range []struct {
		name    string
		p       posted
		aliases [][2]string
		met     string // under which name it is met; "": CONFLICT
		server  string // Sender after CONFLICT
	}{
		{"another user", posted{tag: "offer", from: other, creator: lid}, nil, "", other},
		{"another user without a device", posted{tag: "offer", from: "666@lid", creator: lid}, nil, "", "666:0@lid"},
		{"the same number on another server", posted{tag: "offer", from: "700@s.whatsapp.net", creator: lid}, nil, "", "700@s.whatsapp.net"},
		{"a number that nothing ties to the creator", posted{tag: "offer", from: pn, creator: lid}, nil, "", pn},
		{"a number tied by another device's alias", posted{tag: "offer", from: pn, creator: lid}, [][2]string{{pn, "700@lid"}}, lid, ""},
		{"a number tied by this device's alias", posted{tag: "offer", from: pn, creator: lid}, [][2]string{{"1555:2@s.whatsapp.net", lid}}, lid, ""},
		{"a creator by number that is tied", posted{tag: "offer", from: lid, creator: "1555:2@s.whatsapp.net"}, [][2]string{{pn, "700@lid"}}, "1555:2@s.whatsapp.net", ""},
		{"both are names of a third", posted{tag: "offer", from: pn, creator: lid}, [][2]string{{pn, "9@lid"}, {"700@lid", "9@lid"}}, lid, ""},
		{"a number that is somebody else's", posted{tag: "offer", from: pn, creator: lid}, [][2]string{{pn, other}, {"1555:2@s.whatsapp.net", lid}}, "", pn},
		{"a number's device that is somebody else's", posted{tag: "offer", from: "1555:2@s.whatsapp.net", creator: lid}, [][2]string{{"1555:2@s.whatsapp.net", other}, {pn, "700@lid"}}, "", "1555:2@s.whatsapp.net"},
		{"another device of the creator", posted{tag: "offer", from: "700:3@lid", creator: lid}, nil, lid, ""},
		{"the creator in an old spelling", posted{tag: "offer", from: "700_1:2@lid", creator: lid}, nil, lid, ""},
		{"a hosted device of the number", posted{tag: "offer", from: pn, creator: "1555:99@hosted"}, nil, "1555:99@hosted", ""},
		{"a hosted device of the LID", posted{tag: "offer", from: "700:99@hosted.lid", creator: lid}, nil, lid, ""},
		{"a hosted device of the number, and a LID", posted{tag: "offer", from: "700:99@hosted", creator: lid}, nil, "", "700:99@hosted"},
		{"a group", posted{tag: "offer", from: group, creator: lid}, nil, "", ""},
		{"a server", posted{tag: "offer", from: "s.whatsapp.net", creator: lid}, nil, "", ""},
		{"a group and the creator in it", posted{tag: "offer", from: group, participant: lid, creator: lid}, nil, lid, ""},
		{"a group and another in it", posted{tag: "offer", from: group, participant: other, creator: lid}, nil, "", other},
		{"the creator, and another as participant", posted{tag: "offer", from: lid, participant: other, creator: lid}, nil, "", other},
		{"a bot as creator", posted{tag: "offer", from: other, creator: "5@bot"}, nil, "", other},
		{"a creator above device 255", posted{tag: "offer", from: lid, creator: "700:256@lid"}, nil, "", lid},
		{"no creator", posted{tag: "offer", from: other}, nil, other, ""},
		{"nobody but the creator", posted{tag: "offer", creator: lid}, nil, lid, ""},
		// An accept or enc_rekey is not the creator's: that name is none of the two.
		{"an accept", posted{tag: "accept", from: other, creator: lid}, nil, other, ""},
		{"an accept, participant another than from", posted{tag: "accept", from: other, participant: lid, creator: lid}, nil, "", lid},
		{"an accept in a bot's call", posted{tag: "accept", from: other, creator: "5@bot"}, nil, other, ""},
		{"an accept from a group", posted{tag: "accept", from: group, creator: lid}, nil, "", ""},
		{"an accept from one in a group", posted{tag: "accept", from: group, participant: other, creator: lid}, nil, other, ""},
		{"an enc_rekey", posted{tag: "enc_rekey", from: other, creator: lid}, nil, other, ""},
		{"an enc_rekey, participant another than from", posted{tag: "enc_rekey", from: other, participant: lid, creator: lid}, nil, "", lid},
		{"an enc_rekey from a group", posted{tag: "enc_rekey", from: group, creator: lid}, nil, "", ""},
		{"an enc_rekey of nobody", posted{tag: "enc_rekey", creator: lid}, nil, lid, ""},
	} {
		path := filepath.Join(t.TempDir(), "store")
		s, err := signal.OpenStore(path, storageKey, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c := newCaller(t, s)
		for _, a := range row.aliases {
			alias(t, s, a[0], a[1])
		}
		var key [callkey.Bytes]byte
		key, row.p.enc = c.calls(t)
		before := rowsOf(t, path)
		info, opened, err := row.p.open(t, s, "")
		if info.CallCreator != row.p.creator || info.SenderIdentity != identityOf(t, c.Store) || info.EncType != stanza.EncPkmsg || info.CallID != callOptions.CallID {
			t.Errorf("%s: %v, info %+v", row.name, err, info)
		}
		if row.met != "" {
			if err != nil || opened != key || info.Sender != row.met || knows(t, s, row.met) != identityOf(t, c.Store) {
				t.Errorf("%s: %v, of %q", row.name, err, info.Sender)
			}
			s.Close()
			continue
		}
		if status.Of(err) != status.Conflict || opened != [callkey.Bytes]byte{} || info.Sender != row.server {
			t.Errorf("%s: %v, sender %q, want %q", row.name, err, info.Sender, row.server)
		}
		after := rowsOf(t, path)
		for name, value := range after {
			if !bytes.Equal(value, before[name]) {
				t.Errorf("%s: row %s was written", row.name, name)
			}
		}
		if len(after) != len(before) {
			t.Errorf("%s: %d rows, there were %d", row.name, len(after), len(before))
		}
		// The app decides. Nothing of the message was used up.
		if info, opened, err = row.p.open(t, s, other); err != nil || opened != key || info.Sender != other {
			t.Errorf("%s: after it was named: %v, of %q", row.name, err, info.Sender)
		}
		s.Close()
	}
}

// A peer known under one of the names is accepted, and not recorded under the other.
func TestFault28_KnownUnderOneOfTheNames(t *testing.T) {
	const creator, from = "700:2@lid", "666:2@lid"
	for _, tag := range []string{"offer", "enc_rekey"} {
		p := posted{tag: tag, from: from, creator: creator}
		if tag == "enc_rekey" {
			p.participant = creator
		}
		for _, name := range []string{creator, from} {
			unknown := map[string]string{creator: from, from: creator}[name]
			me := openStore(t, true)
			c := newCaller(t, me)
			c.known(t, me, name)
			expect := func(when string) {
				t.Helper()
				var key, opened [callkey.Bytes]byte
				var info offer.Info
				var err error
				key, p.enc = c.calls(t)
				for _, want := range []status.Code{status.OK, status.Duplicate} {
					info, opened, err = p.open(t, me, "")
					if status.Of(err) != want || (opened == key) != (want == status.OK) || info.Sender != name {
						t.Fatalf("%s by %s, %s: %v, of %q", tag, name, when, err, info.Sender)
					}
				}
				if knows(t, me, unknown) != ([32]byte{}) {
					t.Fatalf("%s by %s, %s: now %s is known too", tag, name, when, unknown)
				}
				if _, err := signal.Export(me, addressOf(t, unknown)); status.Of(err) != status.NoSession {
					t.Fatalf("%s by %s, %s: a session with %s: %v", tag, name, when, unknown, err)
				}
			}
			expect("unacknowledged")
			// Its session is gone; who is known may begin another.
			if err := signal.Remove(me, addressOf(t, name)); err != nil {
				t.Fatal(err)
			}
			begin(t, c.Store, me, meJID)
			expect("begun anew")
			// From my answer on they are plain messages.
			answer := newKey(t)
			ciphertext, kind, err := offer.SealEnc(me, name, answer[:], -1)
			if err != nil {
				t.Fatal(err)
			}
			var opened [callkey.Bytes]byte
			if err := offer.OpenEnc(c.Store, &opened, meJID, kind, 2, ciphertext); err != nil {
				t.Fatal(err)
			}
			expect("acknowledged")
			if p.enc.Type != stanza.EncMsg {
				t.Fatal("still a prekey message")
			}
		}
	}
}

// Both names are known, with identities of their own. Each message goes to the session that
// it belongs to, and an identity that is neither's is nobody's.
func TestFault28_BothNamesAreKnown(t *testing.T) {
	const creator, from = "700:2@lid", "666:2@lid"
	me := openStore(t, true)
	one, two, stranger := newCaller(t, me), newCaller(t, me), newCaller(t, me)
	one.known(t, me, creator)
	two.known(t, me, from)
	for range 3 {
		for _, row := range []struct {
			c    caller
			name string
		}{{one, creator}, {two, from}} {
			key, enc := row.c.calls(t)
			info, opened, err := posted{tag: "offer", from: from, creator: creator, enc: enc}.open(t, me, "")
			if err != nil || opened != key || info.Sender != row.name {
				t.Fatalf("%v, of %q, want %q", err, info.Sender, row.name)
			}
		}
	}
	_, enc := stranger.calls(t)
	info, _, err := posted{tag: "offer", from: from, creator: creator, enc: enc}.open(t, me, "")
	if status.Of(err) != status.Conflict || info.Sender != from || info.SenderIdentity != identityOf(t, stranger.Store) {
		t.Fatalf("a stranger: %v, %+v", err, info)
	}
	if knows(t, me, creator) != identityOf(t, one.Store) || knows(t, me, from) != identityOf(t, two.Store) {
		t.Fatal("another identity is known now")
	}
	// A plain message without a session.
	nobody := openStore(t, true)
	message := stanza.Enc{Type: stanza.EncMsg, Ciphertext: plain(t)}
	info, _, err = posted{tag: "offer", from: from, creator: creator, enc: message}.open(t, nobody, "")
	if status.Of(err) != status.NoSession || info.Sender != creator {
		t.Fatalf("without a session: %v, of %q", err, info.Sender)
	}
	info, _, err = posted{tag: "offer", from: from, creator: creator, enc: message}.open(t, me, "")
	if status.Of(err) != status.Authentication || info.SenderIdentity != ([32]byte{}) {
		t.Fatalf("of another's session: %v, %+v", err, info)
	}
}

// plain returns a SignalMessage of an unknown session.
func plain(t *testing.T) []byte {
	s, peer := openStore(t, false), openStore(t, false)
	begin(t, s, peer, meJID)
	acknowledge(t, s, peer, meJID)
	key := newKey(t)
	ciphertext, kind, err := offer.SealEnc(s, meJID, key[:], -1)
	if err != nil || kind != stanza.EncMsg {
		t.Fatal(kind, err)
	}
	return ciphertext
}

// One person is known under two names that nothing ties. A first message that comes again,
// or the next of its session, belongs to the name that has the session: beginning it under
// the other name too would make two ratchets of one.
func TestFault28_OneSessionUnderOneOfTwoNames(t *testing.T) {
	const creator, from = "700:2@lid", "666:2@lid"
	me := openStore(t, true)
	c := caller{openStore(t, false)}
	bundle, err := signal.TakeBundle(me)
	if err != nil {
		t.Fatal(err)
	}
	bundle.PrekeyID = 0 // which would keep it from being begun twice
	if err := signal.Begin(c.Store, addressOf(t, meJID), &bundle); err != nil {
		t.Fatal(err)
	}
	if err := signal.Trust(me, addressOf(t, creator), new(identityOf(t, c.Store))); err != nil {
		t.Fatal(err)
	}
	c.known(t, me, from)
	for range 3 {
		key, enc := c.calls(t)
		if enc.Type != stanza.EncPkmsg {
			t.Fatal("it is acknowledged")
		}
		info, opened, err := posted{tag: "offer", from: from, creator: creator, enc: enc}.open(t, me, "")
		if err != nil || opened != key || info.Sender != from {
			t.Fatalf("%v, of %q", err, info.Sender)
		}
	}
	if _, err := signal.Export(me, addressOf(t, creator)); status.Of(err) != status.NoSession {
		t.Fatalf("a session with the creator: %v", err)
	}
}

// Offers under each other's names at once: both devices are locked, in one order.
func TestFault28_TwoNamesAtOnce(t *testing.T) {
	names := []string{"700:2@lid", "666:2@lid"}
	me := openStore(t, true)
	callers := []caller{newCaller(t, me), newCaller(t, me)}
	for i, c := range callers {
		c.known(t, me, names[i])
	}
	const n = 20
	var group sync.WaitGroup
	failures := make(chan string, 4*n)
	for i, c := range callers {
		for k := range n {
			key, enc := c.calls(t)
			p := posted{tag: "offer", from: names[k%2], creator: names[1-k%2], enc: enc}
			wire := p.wire(t)
			var once sync.Mutex
			times := 0
			for range 2 {
				group.Go(func() {
					var opened [callkey.Bytes]byte
					info, err := offer.Open(me, &opened, wire, nil, "")
					once.Lock()
					defer once.Unlock()
					switch {
					case info.Sender != names[i]:
						failures <- fmt.Sprintf("of %q: %v", info.Sender, err)
					case err == nil && opened == key:
						if times++; times > 1 {
							failures <- "opened twice"
						}
					case status.Of(err) != status.Duplicate:
						failures <- err.Error()
					}
				})
			}
		}
	}
	group.Wait()
	close(failures)
	for f := range failures {
		t.Error(f)
	}
}

// An app that dies before it is done with a call opens it once more, under the name that it
// was opened under, whatever the stanza says.
func TestFault28_KeptUnderOneOfTheNames(t *testing.T) {
	const creator, from = "700:2@lid", "666:2@lid"
	me, err := signal.OpenStore("", nil, store.Options{Memory: true, KeepOpened: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { me.Close() })
	c := newCaller(t, me)
	key, enc := c.calls(t)
	p := posted{tag: "offer", from: from, creator: creator, enc: enc}
	if _, _, err := p.open(t, me, ""); status.Of(err) != status.Conflict {
		t.Fatal(err)
	}
	for _, sender := range []string{from, "", ""} {
		info, opened, err := p.open(t, me, sender)
		if err != nil || opened != key || info.Sender != from {
			t.Fatalf("%v, of %q", err, info.Sender)
		}
	}
}
