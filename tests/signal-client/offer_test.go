package signalclient_test

import (
	"slices"
	"testing"

	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

const callID = "00112233445566778899AABBCCDDEEFF"

var offerOptions = stanza.OfferOptions{
	StanzaID:       "3EB0C431C26A1916E07E",
	To:             "222222222222222@lid",
	CallID:         callID,
	CallCreator:    ourJID,
	DeviceIdentity: []byte("an opaque blob of the app's"),
}

// callee is the devices of one person, each an official client.
type callee struct {
	jids    []string
	devices []*account
}

// newCallee has three devices: of the two versions, and of the older one again.
func newCallee(t *testing.T) callee {
	t.Helper()
	older, newer := startPeer(t, versions[0]), startPeer(t, versions[1])
	return callee{
		jids:    []string{"222222222222222:0@lid", "222222222222222:7@lid", "222222222222222:33@lid"},
		devices: []*account{older.create(t, "phone"), newer.create(t, "desktop"), older.create(t, "tablet")},
	}
}

// sealOffer seals one key for the JIDs and checks each device's outcome.
func sealOffer(t *testing.T, s *store.Store, jids []string, statuses []status.Code, types []stanza.EncType) ([]byte, [32]byte) {
	t.Helper()
	key := newKey()
	sealed, err := offer.Seal(s, key[:], jids, &offerOptions, -1)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(sealed.Statuses, statuses) || !slices.Equal(sealed.EncTypes, types) {
		t.Fatalf("statuses %v and types %v, not %v and %v", names(sealed.Statuses), sealed.EncTypes, names(statuses), types)
	}
	return sealed.Wire, key
}

// deviceOpens is one device finding its own enc in the offer and opening it.
func deviceOpens(t *testing.T, device *account, jid string, wire []byte, want stanza.EncType, key [32]byte) {
	t.Helper()
	info, ciphertext, err := stanza.ParseOffer(wire, []string{jid})
	if err != nil {
		t.Fatalf("%s: %v", jid, err)
	}
	if info.EncType != want || info.EncVersion != 2 || info.Keygen != 2 || info.CallID != callID || info.CallCreator != ourJID {
		t.Fatalf("%s reads %+v in the offer", jid, info)
	}
	m := message{map[stanza.EncType]string{stanza.EncMsg: "msg", stanza.EncPkmsg: "pkmsg"}[want], ciphertext}
	plaintext, err := device.decrypt(t, ourJID, m)
	if err != nil {
		t.Fatalf("%s, a signal-client %s: %v", jid, device.version, err)
	}
	checkPlaintext(t, plaintext, key)
}

// If this fails, a call does not ring on every device of the callee, or devices
// get different keys.
func TestOfferToThreeDevices(t *testing.T) {
	s, to := newStore(t), newCallee(t)
	for i, device := range to.devices {
		bundle := device.publish(t, i != 1).ours() // the second has run out of one-time prekeys
		if err := signal.Begin(s, addressOf(t, to.jids[i]), bundle); err != nil {
			t.Fatal(err)
		}
	}
	// A fourth device never published a bundle; it is reported and the others ring.
	jids := append(slices.Clone(to.jids), "222222222222222:99@lid")
	statuses := []status.Code{status.OK, status.OK, status.OK, status.NoSession}
	first := []stanza.EncType{stanza.EncPkmsg, stanza.EncPkmsg, stanza.EncPkmsg, stanza.EncNone}

	wire, key := sealOffer(t, s, jids, statuses, first)
	for i, device := range to.devices {
		deviceOpens(t, device, to.jids[i], wire, stanza.EncPkmsg, key)
	}
	if _, _, err := stanza.ParseOffer(wire, []string{jids[3]}); status.Of(err) != status.NotForThisDevice {
		t.Fatalf("the device that was left out: %v", err)
	}

	// Two devices answer something; from then on they get a msg.
	for _, i := range []int{1, 2} {
		answer := pair{s, to.devices[i]}
		m := to.devices[i].encrypt(t, ourJID, paddedPlaintext(newKey()))
		var out [32]byte
		if err := offer.OpenEnc(answer.store, &out, to.jids[i], m.encType(), 2, m.Ciphertext); err != nil {
			t.Fatal(err)
		}
	}
	second := []stanza.EncType{stanza.EncPkmsg, stanza.EncMsg, stanza.EncMsg, stanza.EncNone}
	wire, key = sealOffer(t, s, jids, statuses, second)
	for i, device := range to.devices {
		deviceOpens(t, device, to.jids[i], wire, second[i], key)
	}
}

// If this fails, we cannot answer a call that an official client's sessions made,
// on one of several devices of ours, or a redelivered offer is taken for an attack.
func TestOfferFromAClient(t *testing.T) {
	eachVersion(t, func(t *testing.T, p *peer) {
		caller := p.create(t, "caller")
		options := offerOptions
		options.CallCreator = "333333333333333:5@lid"
		jids := []string{"111111111111111:0@lid", "111111111111111:2@lid", "111111111111111:44@lid"}
		stores := make([]*store.Store, len(jids))
		encs := make([]stanza.Enc, len(jids))
		key := newKey()
		for i, jid := range jids {
			stores[i] = newStore(t)
			caller.begin(t, jid, theirs(takeBundle(t, stores[i])))
			m := caller.encrypt(t, jid, paddedPlaintext(key))
			encs[i] = stanza.Enc{JID: jid, Type: m.encType(), Ciphertext: m.Ciphertext}
		}
		wire, err := stanza.BuildOffer(encs, &options)
		if err != nil {
			t.Fatal(err)
		}
		for i, jid := range jids {
			own := []string{"15550001111@s.whatsapp.net", jid} // a device knows its phone-number spelling too
			var opened [32]byte
			info, err := offer.Open(stores[i], &opened, wire, own, "")
			if err != nil {
				t.Fatalf("%s: %v", jid, err)
			}
			if opened != key {
				t.Fatalf("%s opened another call key", jid)
			}
			if info.CallID != callID || info.CallCreator != options.CallCreator || info.EncType != stanza.EncPkmsg {
				t.Fatalf("%s reads %+v in the offer", jid, info)
			}
			info, err = offer.Open(stores[i], &opened, wire, own, "")
			if status.Of(err) != status.Duplicate || opened != ([32]byte{}) || info.CallID != callID {
				t.Fatalf("%s on a second delivery: %+v, %v", jid, info, err)
			}
		}
	})
}
