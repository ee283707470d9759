package stanza_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	wm "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"

	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

func rekeyOptions() *stanza.OfferOptions {
	return &stanza.OfferOptions{StanzaID: "ABC.1", CallID: "AB12", CallCreator: "111111111111111:3@lid", DeviceIdentity: []byte{9, 9}}
}

// If this failed, a group's members would refuse the epoch, or the server would not
// bring it to them.
func TestRekeyStanza(t *testing.T) {
	for _, row := range []struct {
		name string
		enc  stanza.Enc
		want string
	}{
		{"pkmsg", stanza.Enc{JID: "222222222222222:33@lid", Type: stanza.EncPkmsg, Ciphertext: []byte{0x33, 1}},
			`<call to="222222222222222:33@lid" id="ABC.1">
  <enc_rekey call-id="AB12" call-creator="111111111111111:3@lid" transaction-id="4294967295">
    <encopt keygen="2"/>
    <enc v="2" type="pkmsg" count="0">3301</enc>
    <device-identity>0909</device-identity>
  </enc_rekey>
</call>
`},
		{"msg", stanza.Enc{JID: "1555@s.whatsapp.net", Type: stanza.EncMsg, Ciphertext: []byte{0x33, 2}},
			`<call to="1555@s.whatsapp.net" id="ABC.1">
  <enc_rekey call-id="AB12" call-creator="111111111111111:3@lid" transaction-id="4294967295">
    <encopt keygen="2"/>
    <enc v="2" type="msg" count="0">3302</enc>
  </enc_rekey>
</call>
`},
	} {
		wire, err := stanza.BuildRekey(row.enc, 4294967295, rekeyOptions())
		if err != nil {
			t.Fatalf("%s: %v", row.name, err)
		}
		if got := mustXML(t, wire); got != row.want {
			t.Errorf("%s: got\n%s\nwant\n%s", row.name, got, row.want)
		}
		again, _ := stanza.BuildRekey(row.enc, 4294967295, rekeyOptions())
		if !bytes.Equal(again, wire) {
			t.Errorf("%s: the same input gave other bytes", row.name)
		}
		body, err := wm.Unpack(wire)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := judge(body)
		if err != nil || theirs.Tag != "call" || theirs.GetChildren()[0].Attrs["transaction-id"] != "4294967295" {
			t.Errorf("%s: another client reads %v, %v", row.name, theirs, err)
		}
		info, ciphertext, err := stanza.ParseRekey(wire)
		want := stanza.Info{
			Kind: stanza.KindRekey, Keygen: 2, EncVersion: 2, TransactionID: 4294967295, EncType: row.enc.Type, Group: true,
			CallID: "AB12", CallCreator: "111111111111111:3@lid", Sender: "111111111111111:3@lid",
		}
		if err != nil || info != want || !bytes.Equal(ciphertext, row.enc.Ciphertext) {
			t.Errorf("%s: read back %+v, %x, %v", row.name, info, ciphertext, err)
		}
	}
}

// If this failed, the bytes on the wire would have changed under every app.
func TestGoldenRekey(t *testing.T) {
	o := rekeyOptions()
	o.StanzaID = ""
	wire, err := stanza.BuildRekey(stanza.Enc{JID: "222222222222222:33@lid", Type: stanza.EncMsg, Ciphertext: []byte{0x33, 1}}, 7, o)
	if err != nil {
		t.Fatal(err)
	}
	const (
		call  = "f804" + "64" + "11" + "f70121ff88222222222222222f" + "f801"
		rekey = "f808" + "edcd" + "68" + "fb02ab12" + "47" + "f70103ff88111111111111111f" + "ec3e" + "e3"
		rest  = "f802" + "f803ec15ec1a45" + "f8081d5145044d412dfc023301"
	)
	if got := hex.EncodeToString(wire); got != "00"+call+rekey+rest {
		t.Errorf("\n got %s\nwant %s", got, "00"+call+rekey+rest)
	}
}

// If this failed, a bad argument would leave the library as a stanza that no peer can read.
func TestBuildRekeyRefuses(t *testing.T) {
	good := stanza.Enc{JID: "1:2@lid", Type: stanza.EncPkmsg, Ciphertext: []byte{1}}
	enc := func(change func(*stanza.Enc)) stanza.Enc { e := good; change(&e); return e }
	with := func(change func(*stanza.OfferOptions)) *stanza.OfferOptions { o := rekeyOptions(); change(o); return o }
	for _, row := range []struct {
		name        string
		enc         stanza.Enc
		transaction uint32
		o           *stanza.OfferOptions
		want        status.Code
	}{
		{"transaction 0", good, 0, rekeyOptions(), status.Argument},
		{"no options", good, 1, nil, status.Argument},
		{"no jid", enc(func(e *stanza.Enc) { e.JID = "" }), 1, rekeyOptions(), status.Argument},
		{"a group", enc(func(e *stanza.Enc) { e.JID = "1@g.us" }), 1, rekeyOptions(), status.Argument},
		{"no ciphertext", enc(func(e *stanza.Enc) { e.Ciphertext = nil }), 1, rekeyOptions(), status.Argument},
		{"type none", enc(func(e *stanza.Enc) { e.Type = stanza.EncNone }), 1, rekeyOptions(), status.Argument},
		{"no call id", good, 1, with(func(o *stanza.OfferOptions) { o.CallID = "" }), status.Argument},
		{"no creator", good, 1, with(func(o *stanza.OfferOptions) { o.CallCreator = "" }), status.Argument},
		{"no device identity", good, 1, with(func(o *stanza.OfferOptions) { o.DeviceIdentity = nil }), status.DeviceIdentity},
		{"device identity too large", good, 1, with(func(o *stanza.OfferOptions) { o.DeviceIdentity = make([]byte, stanza.MaxBytes) }), status.Argument},
	} {
		wire, err := stanza.BuildRekey(row.enc, row.transaction, row.o)
		wantStatus(t, row.name, err, row.want)
		if wire != nil {
			t.Errorf("%s: bytes came with the error", row.name)
		}
	}
}

// If this failed, other bytes would be installed as an epoch.
func TestParseRekeyRefuses(t *testing.T) {
	enc := encNode("msg", "X")
	for _, row := range []struct {
		name string
		root wm.Node
		want status.Code
	}{
		{"offer", parent("offer", callAttrs(), enc, keygen2), status.Malformed},
		{"accept", parent("accept", callAttrs(), enc, keygen2), status.Malformed},
		{"offer without a key", parent("offer", callAttrs(), keygen2), status.Malformed},
		{"call with an offer", parent("call", nil, parent("offer", callAttrs(), enc, keygen2)), status.Malformed},
		{"call with an offer and an enc_rekey", parent("call", nil, parent("enc_rekey", rekeyAttrs("1"), enc, keygen2), parent("offer", callAttrs(), enc)), status.Malformed},
		{"call with nothing", parent("call", nil), status.Malformed},
		{"destination", parent("destination", nil, toNode("9@lid", enc)), status.NotForThisDevice},
		{"another stanza", parent("message", nil), status.Malformed},
		{"no transaction id", parent("enc_rekey", callAttrs(), enc, keygen2), status.Malformed},
		{"transaction id 0", parent("enc_rekey", rekeyAttrs("0"), enc, keygen2), status.Malformed},
		{"transaction id above 32 bits", parent("enc_rekey", rekeyAttrs("4294967296"), enc, keygen2), status.Malformed},
		{"keygen 3", parent("enc_rekey", rekeyAttrs("1"), enc, wm.Node{Tag: "encopt", Attrs: wm.Attrs{"keygen": "3"}}), status.Unsupported},
		{"keygen 1", parent("enc_rekey", rekeyAttrs("1"), enc, wm.Node{Tag: "encopt", Attrs: wm.Attrs{"keygen": "1"}}), status.Unsupported},
		{"no keygen", parent("enc_rekey", rekeyAttrs("1"), enc), status.Unsupported},
		{"no enc", parent("enc_rekey", rekeyAttrs("1"), keygen2), status.NotForThisDevice},
		{"two encs", parent("enc_rekey", rekeyAttrs("1"), keygen2, enc, enc), status.NotForThisDevice},
	} {
		_, ciphertext, err := stanza.ParseRekey(marshal(t, row.root))
		wantStatus(t, row.name, err, row.want)
		if ciphertext != nil {
			t.Errorf("%s: a ciphertext came with the error", row.name)
		}
	}
	// An <enc> that an app took out by itself says nothing of where it was.
	info, ciphertext, err := stanza.ParseRekey(marshal(t, enc))
	if want := (stanza.Info{EncVersion: 2, EncType: stanza.EncMsg}); err != nil || info != want || string(ciphertext) != "X" {
		t.Errorf("enc: %+v, %q, %v", info, ciphertext, err)
	}
}

// An app that opens every stanza as an enc_rekey would take the caller for the device that
// answered, and key the peer's audio to it.
func TestParseRekeyNamesNoCallerAsAnswering(t *testing.T) {
	from5 := wm.Attrs{"from": types.NewADJID("222", 1, 5)}
	for _, row := range []struct {
		name   string
		root   wm.Node
		sender string
	}{
		{"accept from nobody", parent("call", nil, parent("accept", callAttrs(), keygen2)), ""},
		{"accept from nobody, with a key", parent("call", nil, parent("accept", callAttrs(), keygen2, encNode("msg", "X"))), ""},
		{"accept from a group", parent("call", wm.Attrs{"from": "1@g.us"}, parent("accept", callAttrs())), ""},
		{"terminate from nobody", parent("call", nil, parent("terminate", callAttrs())), ""},
		{"accept", parent("call", from5, parent("accept", callAttrs())), "222:5@lid"},
		{"offer", parent("call", from5, parent("offer", callAttrs())), "111:3@lid"},
	} {
		for reader, parse := range map[string]func(wire []byte) (stanza.Info, []byte, error){
			"rekey": stanza.ParseRekey,
			"offer": func(wire []byte) (stanza.Info, []byte, error) { return stanza.ParseOffer(wire, nil) },
		} {
			info, ciphertext, _ := parse(marshal(t, row.root))
			if ciphertext == nil && info.Sender != row.sender { // with a key it is the session's device
				t.Errorf("%s as %s: sender %q, want %q", row.name, reader, info.Sender, row.sender)
			}
		}
	}
}
