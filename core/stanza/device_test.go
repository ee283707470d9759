package stanza_test

import (
	"bytes"
	"strings"
	"testing"

	wm "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"

	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// The spellings of one device 0, as an app may have them.
var deviceZero = []string{"222@lid", "222:0@lid", "222_1@lid", "222_1:0@lid", "222.0:0@lid"}

// If this failed, a callee's first device would not find its key: clients write device 0
// without its number and look for exactly that.
func TestDeviceZeroOnTheWire(t *testing.T) {
	zero := stanza.Enc{Type: stanza.EncMsg, Ciphertext: []byte{0x33, 1}}
	pn := stanza.Enc{JID: "1555:0@s.whatsapp.net", Type: stanza.EncMsg, Ciphertext: []byte{0x33, 2}}
	linked := stanza.Enc{JID: "222:9@lid", Type: stanza.EncMsg, Ciphertext: []byte{0x33, 3}}
	const (
		creator = ` call-creator="222@lid"`
		to      = `<call to="222@lid"`
	)
	for name, write := range map[string]func(jid string) ([]byte, error){
		"offer to one device": func(jid string) ([]byte, error) { return stanza.BuildOffer([]stanza.Enc{zero}, by(jid, jid)) },
		"offer to several devices": func(jid string) ([]byte, error) {
			return stanza.BuildOffer([]stanza.Enc{at(zero, jid), pn, linked}, by(jid, jid))
		},
		"key node": func(jid string) ([]byte, error) {
			return stanza.BuildOffer([]stanza.Enc{at(zero, jid), pn, linked}, nil)
		},
		"enc_rekey": func(jid string) ([]byte, error) { return stanza.BuildRekey(at(zero, jid), 7, by(jid, "222@lid")) },
	} {
		first, err := write(deviceZero[0])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, jid := range deviceZero[1:] {
			if wire, err := write(jid); err != nil || !bytes.Equal(wire, first) {
				t.Errorf("%s: %s gives\n%s%v\nand 222@lid\n%s", name, jid, mustXML(t, wire), err, mustXML(t, first))
			}
		}
		x := mustXML(t, first)
		if strings.Contains(x, ":0@") {
			t.Errorf("%s: the wire has a device 0\n%s", name, x)
		}
		if name != "key node" && (!strings.Contains(x, creator) || !strings.Contains(x, to)) {
			t.Errorf("%s: the caller or callee is missing\n%s", name, x)
		}
		if strings.Contains(x, "<to ") {
			for _, jid := range []string{"222@lid", "1555@s.whatsapp.net", "222:9@lid"} {
				if !strings.Contains(x, `<to jid="`+jid+`">`) {
					t.Errorf("%s: no <to> for %s\n%s", name, jid, x)
				}
			}
		}
		// As another client sees it.
		body, err := wm.Unpack(first)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := judge(body)
		if err != nil {
			t.Fatal(err)
		}
		if name == "key node" {
			continue
		}
		if got := theirs.GetChildren()[0].Attrs["call-creator"]; got != types.NewJID("222", "lid") {
			t.Errorf("%s: another client reads the creator %#v", name, got)
		}
	}
}

func at(e stanza.Enc, jid string) stanza.Enc { e.JID = jid; return e }

func by(creator, to string) *stanza.OfferOptions {
	o := callOptions()
	o.CallCreator, o.To = creator, to
	return o
}

// If this failed, an app would not recognise its peer, or would derive no key for it, after
// a client with another spelling called. The same device has the same name in info.
func TestDeviceZeroIsRead(t *testing.T) {
	enc := encNode("msg", "X")
	for _, spelling := range []any{types.NewJID("222", "lid"), types.NewADJID("222", 1, 0), "222:0@lid", "222@lid", "222_1:0@lid"} {
		attrs := wm.Attrs{"call-id": "AB12", "call-creator": spelling}
		for _, own := range deviceZero {
			offer := parent("call", wm.Attrs{"from": spelling},
				parent("offer", attrs, parent("destination", nil, toNode("222:9@lid", encNode("msg", "Y")), toNode(spelling, enc)), keygen2))
			info, ciphertext, err := stanza.ParseOffer(marshal(t, offer), []string{own})
			if err != nil || string(ciphertext) != "X" {
				t.Errorf("<to> %v for %s: %q, %v", spelling, own, ciphertext, err)
			}
			if info.CallCreator != "222:0@lid" || info.From != "222:0@lid" || info.Sender != "222:0@lid" {
				t.Errorf("%v: creator %q, from %q, sender %q", spelling, info.CallCreator, info.From, info.Sender)
			}
		}
		rekey := parent("call", wm.Attrs{"from": spelling}, parent("enc_rekey", wm.Attrs{"call-id": "AB12", "call-creator": spelling, "transaction-id": "7"}, keygen2, enc))
		info, _, err := stanza.ParseRekey(marshal(t, rekey))
		if err != nil || info.CallCreator != "222:0@lid" || info.Sender != "222:0@lid" {
			t.Errorf("enc_rekey of %v: %+v, %v", spelling, info, err)
		}
	}
}

// If this failed, an app that called a number would not know the one who answers, whom its own
// lists and the derivations have by the new name of the server.
func TestOldServerNameIsRead(t *testing.T) {
	accept := parent("call", wm.Attrs{"from": "1555:7@c.us"}, parent("accept", wm.Attrs{"call-id": "AB12", "call-creator": "1777@c.us"}))
	info, _, err := stanza.ParseOffer(marshal(t, accept), []string{"1777@c.us"})
	if status.Of(err) != status.NotForThisDevice || info.CallCreator != "1777@s.whatsapp.net" || info.From != "1555:7@s.whatsapp.net" || info.Sender != info.From {
		t.Errorf("%+v, %v", info, err)
	}
}
