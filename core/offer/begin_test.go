package offer_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/session"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

func bundleOf(t testing.TB, s *store.Store) *session.Bundle {
	t.Helper()
	b, err := signal.TakeBundle(s)
	if err != nil {
		t.Fatal(err)
	}
	return &b
}

// meet adds n new devices with their bundles to the group, whose own get none.
func (g *group) meet(t testing.TB, n int) (bundles []*session.Bundle) {
	bundles = make([]*session.Bundle, len(g.jids), len(g.jids)+n)
	for i := range n {
		g.devices = append(g.devices, openStore(t, false))
		g.jids = append(g.jids, fmt.Sprintf("444:%d@lid", i))
		bundles = append(bundles, bundleOf(t, g.devices[len(g.devices)-1]))
	}
	return bundles
}

// rings opens the offer on every device.
func (g *group) rings(t testing.TB, o offer.Sealed, key [callkey.Bytes]byte) {
	t.Helper()
	for i, device := range g.devices {
		var opened [callkey.Bytes]byte
		info, err := offer.Open(device, &opened, o.Wire, g.jids[i:i+1], "")
		if err != nil || opened != key || info.EncType != o.EncTypes[i] {
			t.Errorf("device %d: %v, %+v", i, err, info)
		}
	}
}

// A caller that meets new devices would wait for its disk twice; or a device that has a session, or begins anew,
// or can't be sealed for would disturb the others.
func TestOfferThatBegins(t *testing.T) {
	g := newGroup(t, 2*store.Batch+3)
	bundles := g.meet(t, store.Batch)
	const anew, archived = 2, 1 // both have a session already, and this one has an archive too
	bundles[anew], bundles[archived] = bundleOf(t, g.devices[anew]), bundleOf(t, g.devices[archived])
	begin(t, g.s, g.devices[archived], g.jids[archived])
	underWay := sealed(t, g.devices[anew], callerJID)
	want := g.spoil(t)
	unsigned := bundleOf(t, openStore(t, false))
	unsigned.Signature[3] ^= 1
	g.jids = append(g.jids, "555:1@lid", g.jids[4])
	want = append(want, status.InvalidKey, status.Duplicate)
	bundles = append(bundles, make([]*session.Bundle, 4)...)
	bundles = append(bundles, unsigned, bundleOf(t, g.devices[4]))

	key := newKey(t)
	before := rowsOf(t, g.path)
	_, err := offer.Begin(g.s, key[:], g.jids, bundles, &callOptions, 0)
	need := needed(t, err)
	_, err = offer.Begin(g.s, key[:], g.jids, bundles, &callOptions, need-1)
	if again := needed(t, err); again != need {
		t.Errorf("needs %d, then %d", need, again)
	}
	if !sameRows(before, rowsOf(t, g.path)) {
		t.Error("a refused offer wrote something")
	}
	o, err := offer.Begin(g.s, key[:], g.jids, bundles, &callOptions, need)
	if err != nil || !slices.Equal(o.Statuses, want) || len(o.Wire) > need {
		t.Fatalf("%d of %d bytes, %v, %v", len(o.Wire), need, o.Statuses, err)
	}
	g.rings(t, o, key)
	for i := range g.jids {
		wantType := stanza.EncPkmsg
		switch {
		case want[i] != status.OK:
			wantType = stanza.EncNone
		case i < 2*store.Batch+3 && i%2 == 0 && i != anew:
			wantType = stanza.EncMsg
		}
		if o.EncTypes[i] != wantType {
			t.Errorf("%s has type %d", g.jids[i], o.EncTypes[i])
		}
	}
	underWay.opens(t, g.s, g.jids[anew]) // in the session before
	for range 2 {                        // each goes on, both ways
		for i, device := range g.devices {
			sealed(t, g.s, g.jids[i]).opens(t, device, callerJID)
			sealed(t, device, callerJID).opens(t, g.s, g.jids[i])
		}
	}
}

// What is begun must be on the disk with its offer: another process, or the next start, seals with it too.
func TestOfferThatBeginsStays(t *testing.T) {
	g := newGroup(t, 1)
	bundles := g.meet(t, 2)
	key := newKey(t)
	o, err := offer.Begin(g.s, key[:], g.jids, bundles, nil, -1)
	if err != nil {
		t.Fatal(err)
	}
	o.Release()
	other, err := signal.OpenStore(g.path, storageKey, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for i, device := range g.devices {
		for _, s := range []*store.Store{other, g.s, other} {
			sealed(t, s, g.jids[i]).opens(t, device, callerJID)
		}
	}
}

// If this failed, a session would be begun whose first message nobody has.
func TestOfferThatFailsBeginsNothing(t *testing.T) {
	g := newGroup(t, 2)
	bundles := g.meet(t, 2)
	key := newKey(t)
	before := rowsOf(t, g.path)
	refused := func(what string, want status.Code, key []byte, jids []string, bundles []*session.Bundle, o *stanza.OfferOptions) offer.Sealed {
		t.Helper()
		sealed, err := offer.Begin(g.s, key, jids, bundles, o, -1)
		if status.Of(err) != want || sealed.Wire != nil {
			t.Errorf("%s: %d bytes, %v", what, len(sealed.Wire), err)
		}
		if !sameRows(before, rowsOf(t, g.path)) {
			t.Fatalf("%s: something was written", what)
		}
		return sealed
	}
	without := callOptions
	without.DeviceIdentity = nil
	refused("no device_identity", status.DeviceIdentity, key[:], g.jids, bundles, &without)
	refused("a wiped key", status.InvalidKey, make([]byte, callkey.Bytes), g.jids, bundles, &callOptions)
	refused("a short key", status.KeyLength, key[1:], g.jids, bundles, &callOptions)
	refused("bad options", status.Argument, key[:], g.jids, bundles, &stanza.OfferOptions{})
	refused("nobody", status.NoDevices, key[:], nil, nil, &callOptions)
	many := stanza.MaxDevices + 1
	refused("too many", status.Argument, key[:], make([]string, many), make([]*session.Bundle, many), &callOptions)

	swapped := slices.Clone(bundles)
	swapped[1], swapped[2] = bundles[3], bundles[3]
	swapped[2].Signature[5] ^= 1
	o := refused("each fails", status.NoDevices, key[:], append(g.jids[1:3:3], "999:9@lid", "nobody"), append(swapped[1:3:3], nil, bundles[2]), &callOptions)
	if want := []status.Code{status.InvalidKey, status.InvalidKey, status.NoSession, status.Argument}; !slices.Equal(o.Statuses, want) {
		t.Errorf("%v", o.Statuses)
	}
	swapped[2].Signature[5] ^= 1
	o = refused("another identity", status.NoDevices, key[:], g.jids[1:2], swapped[1:2], &callOptions)
	if want := []status.Code{status.UntrustedIdentity}; !slices.Equal(o.Statuses, want) {
		t.Errorf("%v", o.Statuses)
	}
	// One that fails leaves the others alone, and has neither a session nor an identity.
	stranger := openStore(t, false)
	o, err := offer.Begin(g.s, key[:], []string{g.jids[1], "444:8@lid"}, []*session.Bundle{bundles[2], bundleOf(t, stranger)}, &callOptions, -1)
	if err != nil || !slices.Equal(o.Statuses, []status.Code{status.UntrustedIdentity, status.OK}) {
		t.Fatalf("%v, %v", o.Statuses, err)
	}
	sealed(t, g.s, "444:8@lid").opens(t, stranger, callerJID)
	sealed(t, g.s, g.jids[1]).opens(t, g.devices[1], callerJID)
	own, err := signal.OwnIdentity(g.devices[1])
	if err != nil {
		t.Fatal(err)
	}
	if known, err := signal.IdentityOf(g.s, addressOf(t, g.jids[1])); err != nil || !bytes.Equal(known[:], own.PublicKey[:]) {
		t.Errorf("the identity of the device that failed is %x: %v", known, err)
	}

	blank, err := signal.OpenStoreWithoutIdentity("", nil, store.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer blank.Close()
	_, err = offer.Begin(blank, key[:], g.jids, bundles, &callOptions, -1)
	wantStatus(t, err, status.NoIdentity)
}

// The app would hear something else of a device than callkey_session_begin says; or its key would be sealed for a
// device that the same call refused.
func TestOfferThatBeginsSaysWhatBeginSays(t *testing.T) {
	s, peer, other := openStore(t, false), openStore(t, false), openStore(t, false)
	const jid, second, damaged = "444:1@lid", "15550:1@s.whatsapp.net", "444:2@lid"
	begin(t, s, peer, jid)
	begin(t, s, peer, damaged)
	alias(t, s, second, jid)
	err := signal.Within(s, []signal.Address{addressOf(t, damaged)}, nil, func(tx *store.Tx, devices []signal.Device) error {
		tx.Put(store.Sessions, string(devices[0]), []byte{0xff})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	unsigned := bundleOf(t, peer)
	unsigned.Signature[0] ^= 1
	key := newKey(t)
	for what, c := range map[string]struct {
		jids    []string
		bundles []*session.Bundle
		begun   []status.Code
		sealed  []status.Code // nil: as begun
	}{
		"damaged, another identity":  {[]string{damaged}, []*session.Bundle{bundleOf(t, other)}, []status.Code{status.StoreCorrupt}, nil},
		"another identity":           {[]string{jid}, []*session.Bundle{bundleOf(t, other)}, []status.Code{status.UntrustedIdentity}, nil},
		"refused, then again":        {[]string{jid, jid}, []*session.Bundle{unsigned, bundleOf(t, peer)}, []status.Code{status.InvalidKey, status.Duplicate}, nil},
		"refused, then by its alias": {[]string{jid, second}, []*session.Bundle{unsigned, bundleOf(t, peer)}, []status.Code{status.InvalidKey, status.Duplicate}, nil},
		"refused, then without":      {[]string{jid, jid}, []*session.Bundle{unsigned, nil}, nil, []status.Code{status.InvalidKey, status.Duplicate}},
		"both are refused":           {[]string{second, jid}, []*session.Bundle{unsigned, unsigned}, []status.Code{status.InvalidKey, status.InvalidKey}, nil},
	} {
		if c.begun != nil {
			codes, err := offer.BeginAll(s, c.jids, c.bundles)
			if status.Of(err) != status.NoDevices || !slices.Equal(codes, c.begun) {
				t.Errorf("%s: sessions: %v, %v", what, codes, err)
			}
		}
		want := c.sealed
		if want == nil {
			want = c.begun
		}
		o, err := offer.Begin(s, key[:], c.jids, c.bundles, nil, -1)
		if status.Of(err) != status.NoDevices || !slices.Equal(o.Statuses, want) {
			t.Errorf("%s: an offer: %v, %v", what, o.Statuses, err)
		}
	}
	b, err := offer.SealMessages(s, []string{jid, second}, [][]byte{make([]byte, 16<<20+1), nil}, -1)
	if want := []status.Code{status.Argument, status.Duplicate}; status.Of(err) != status.NoDevices || !slices.Equal(b.Statuses, want) {
		t.Errorf("messages: %v, %v", b.Statuses, err)
	}
}

// An app that asks for the size first would wait for all sessions twice, or be told too little, and wait again.
func TestRoomForAnOfferThatBegins(t *testing.T) {
	blank, err := signal.OpenStoreWithoutIdentity("", nil, store.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer blank.Close()
	named := callOptions
	named.Video, named.PrivacyToken, named.StanzaID = true, bytes.Repeat([]byte{7}, 300), "1.2-3"
	for n := 1; n <= 3*store.Batch; n += 5 {
		for what, o := range map[string]*stanza.OfferOptions{"key": nil, "offer": &callOptions, "video": &named} {
			var g group
			g.s = openStore(t, true)
			bundles := g.meet(t, n)
			for i := range n / 2 { // half of them have a session
				if err := signal.Begin(g.s, addressOf(t, g.jids[i]), bundles[i]); err != nil {
					t.Fatal(err)
				}
				bundles[i] = nil
			}
			key := newKey(t)
			_, err := offer.Begin(blank, key[:], g.jids, bundles, o, 0) // no session could begin there
			need := needed(t, err)
			_, err = offer.Begin(blank, key[:], g.jids, bundles, o, need-1)
			if again := needed(t, err); again != need {
				t.Errorf("%s to %d: needs %d, then %d", what, n, need, again)
			}
			sealed, err := offer.Begin(g.s, key[:], g.jids, bundles, o, need)
			if err != nil || len(sealed.Wire) > need || need > len(sealed.Wire)+48*n {
				t.Errorf("%s to %d: %d bytes, needed %d: %v", what, n, len(sealed.Wire), need, err)
			}
		}
	}
}
