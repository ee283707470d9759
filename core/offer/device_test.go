package offer_test

import (
	"strings"
	"testing"

	"libcallkey/core/callkey"
	"libcallkey/core/derive"
	"libcallkey/core/offer"
	"libcallkey/core/signal"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// If this failed, a call to a phone (device 0) would work only while caller and callee spell
// it alike, or its keys would be those of another participant id.
func TestDeviceZeroInEverySpelling(t *testing.T) {
	const pn = "1555@s.whatsapp.net"
	spellings := []string{"222@lid", "222:0@lid", pn, "1555:0@s.whatsapp.net"} // the last two by alias
	caller, phone, desktop := openStore(t, false), openStore(t, false), openStore(t, false)
	begin(t, caller, phone, "222:0@lid")
	begin(t, caller, desktop, "222:9@lid")
	alias(t, caller, pn, "222@lid")
	for i, callee := range spellings {
		creator := []string{"111@lid", "111:0@lid"}[i%2]
		for _, own := range [][]string{{"222@lid"}, {"222:0@lid"}, {"1555:0@s.whatsapp.net", "222@lid"}, {pn, "222:0@lid"}} {
			for _, jids := range [][]string{{callee}, {callee, "222:9@lid"}} {
				o := callOptions
				o.CallCreator = creator
				key := newKey(t)
				sealed, err := offer.Seal(caller, key[:], jids, &o, -1)
				if err != nil || sealed.Statuses[0] != status.OK {
					t.Fatalf("%v: %v", jids, err)
				}
				if x, err := stanza.XML(sealed.Wire); err != nil || strings.Contains(x, ":0@") {
					t.Fatalf("%v: %v\n%s", jids, err, x)
				}
				if len(jids) > 1 && strings.HasPrefix(callee, "1555") && !strings.HasPrefix(own[0], "1555") {
					continue // the phone does not know that it is named by its number
				}
				var opened [callkey.Bytes]byte
				info, err := offer.Open(phone, &opened, sealed.Wire, own, "")
				if err != nil || opened != key || info.CallCreator != "111:0@lid" || info.Sender != "111:0@lid" {
					t.Fatalf("%v, %v: %v, %+v", jids, own, err, info)
				}
				id, err := derive.ParticipantID(creator)
				if err != nil || id != info.CallCreator {
					t.Fatalf("the keys of %s are for %q, those of info for %q", creator, id, info.CallCreator)
				}
			}
			epoch := newKey(t)
			wire, err := offer.SealRekey(caller, callee, epoch[:], 7, &callOptions, -1)
			if err != nil {
				t.Fatal(err)
			}
			var opened [callkey.Bytes]byte
			if info, err := offer.OpenRekey(phone, &opened, wire, "111@lid"); err != nil || opened != epoch || info.Sender != "111:0@lid" {
				t.Fatalf("enc_rekey for %s: %v, %+v", callee, err, info)
			}
		}
	}
	// One device in two spellings is one device.
	key := newKey(t)
	sealed, err := offer.Seal(caller, key[:], spellings, &callOptions, -1)
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range sealed.Statuses {
		if want := []status.Code{status.OK, status.Duplicate, status.Duplicate, status.Duplicate}[i]; got != want {
			t.Errorf("%s: %s, want %s", spellings[i], got.Name(), want.Name())
		}
	}
	if key, err := signal.IdentityOf(phone, addressOf(t, "111@lid")); err != nil || key != identityOf(t, caller) {
		t.Errorf("the caller's identity: %v", err)
	}
}
