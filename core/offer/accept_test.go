package offer_test

import (
	"testing"

	wm "go.mau.fi/whatsmeow/binary"

	"libcallkey/core/callkey"
	"libcallkey/core/offer"
	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// If this failed, a call with a peer that answers with its own key would be noise
// in one direction: its key would not open, or would be looked for in the session of the
// call's creator, which is this device itself.
func TestAcceptBringsAKey(t *testing.T) {
	const device = "222222222222222:2@lid"
	caller, callee := openStore(t, false), openStore(t, false)
	begin(t, caller, callee, device)
	acknowledge(t, caller, callee, device)
	for _, shape := range []string{"bare", "destination"} {
		theirs := newKey(t)
		ciphertext, kind, err := offer.SealEnc(callee, callerJID, theirs[:], -1)
		if err != nil {
			t.Fatal(err)
		}
		key := wm.Node{Tag: "enc", Attrs: wm.Attrs{"v": "2", "type": kind.String(), "count": "0"}, Content: ciphertext}
		if shape == "destination" {
			key = wm.Node{Tag: "destination", Content: []wm.Node{{Tag: "to", Attrs: wm.Attrs{"jid": callerJID}, Content: []wm.Node{key}}}}
		}
		accept := wm.Node{
			Tag:     "accept",
			Attrs:   wm.Attrs{"call-id": callOptions.CallID, "call-creator": callerJID},
			Content: []wm.Node{{Tag: "encopt", Attrs: wm.Attrs{"keygen": "2"}}, key},
		}
		wire, err := wm.Marshal(wm.Node{Tag: "call", Attrs: wm.Attrs{"from": device}, Content: []wm.Node{accept}})
		if err != nil {
			t.Fatal(err)
		}
		want := offer.Info{Info: stanza.Info{
			Kind: stanza.KindAccept, Keygen: 2, EncVersion: 2, EncType: kind, Accept: true,
			CallID: callOptions.CallID, CallCreator: callerJID, From: device, Sender: device,
		}}
		var opened [callkey.Bytes]byte
		info, err := offer.Open(caller, &opened, wire, []string{callerJID}, "")
		if err != nil || opened != theirs || info != want {
			t.Fatalf("%s: %v, %+v", shape, err, info)
		}
		if info, err = offer.Open(caller, &opened, wire, []string{callerJID}, ""); status.Of(err) != status.Duplicate || info != want {
			t.Fatalf("%s, the second time: %v, %+v", shape, err, info)
		}
		if _, err := offer.OpenRekey(caller, &opened, wire, ""); status.Of(err) != status.Malformed {
			t.Fatalf("%s as an enc_rekey: %v", shape, err)
		}
	}
}
