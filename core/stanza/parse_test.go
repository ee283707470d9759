package stanza_test

import (
	"bytes"
	"compress/zlib"
	"strings"
	"testing"

	wm "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"

	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// marshal writes a stanza with whatsmeow's encoder: nothing of ours is in it.
func marshal(t testing.TB, n wm.Node) []byte {
	t.Helper()
	wire, err := wm.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

// compress is the stanza with the flag for zlib.
func compress(wire []byte) []byte {
	var out bytes.Buffer
	out.WriteByte(2)
	z := zlib.NewWriter(&out)
	z.Write(wire[1:])
	z.Close()
	return out.Bytes()
}

func encNode(typ, body string) wm.Node {
	return wm.Node{Tag: "enc", Attrs: wm.Attrs{"v": "2", "type": typ, "count": "0"}, Content: []byte(body)}
}

func toNode(jid any, children ...wm.Node) wm.Node {
	return wm.Node{Tag: "to", Attrs: wm.Attrs{"jid": jid}, Content: children}
}

func parent(tag string, attrs wm.Attrs, children ...wm.Node) wm.Node {
	return wm.Node{Tag: tag, Attrs: attrs, Content: children}
}

var keygen2 = wm.Node{Tag: "encopt", Attrs: wm.Attrs{"keygen": "2"}}

func callAttrs() wm.Attrs {
	return wm.Attrs{"call-id": "AB12", "call-creator": types.NewADJID("111", 1, 3)}
}

func rekeyAttrs(transaction string) wm.Attrs {
	a := callAttrs()
	a["transaction-id"] = transaction
	return a
}

// If this failed, a device would open another device's ciphertext or none.
func TestPicksTheEncOfThisDevice(t *testing.T) {
	lid, pn := types.NewADJID("222", 1, 33), types.NewADJID("1555", 0, 2)
	encs := []wm.Node{toNode(lid, encNode("pkmsg", "L")), toNode(pn, encNode("msg", "P")), toNode("333@newdomain", encNode("msg", "?")), toNode(types.NewJID("444", "lid"), encNode("msg", "Z")), toNode("555:1@lid")}
	both := parent("offer", callAttrs(), parent("destination", nil, encs...), encNode("msg", "bare"))
	only := parent("offer", callAttrs(), parent("destination", nil, encs...))
	for _, row := range []struct {
		name string
		root wm.Node
		own  []string
		want string // "": NOT_FOR_THIS_DEVICE
	}{
		{"lid", only, []string{"222:33@lid"}, "L"},
		{"lid in another spelling", only, []string{"222_1:33@lid"}, "L"},
		{"device 0, not spelled on the wire", only, []string{"444:0@lid"}, "Z"},
		{"the second alias", only, []string{"9@lid", "9:0@lid", "1555:2@c.us"}, "P"},
		{"the first own jid wins", only, []string{"1555:2@s.whatsapp.net", "222:33@lid"}, "P"},
		{"another device of the user", only, []string{"222@lid", "222:34@lid"}, ""},
		{"the same user on another domain", only, []string{"222:33@s.whatsapp.net", "222:33@hosted.lid"}, ""},
		{"a to without enc", only, []string{"555:1@lid"}, ""},
		{"no own jids", only, nil, ""},
		{"to before bare", both, []string{"222:33@lid"}, "L"},
		{"bare if there is no to", both, []string{"9@lid"}, "bare"},
		{"bare", parent("offer", callAttrs(), encNode("msg", "bare")), nil, "bare"},
		{"two bare", parent("offer", callAttrs(), encNode("msg", "a"), encNode("msg", "b")), nil, ""},
		{"group offer without a key", parent("offer", callAttrs()), []string{"222:33@lid"}, ""},
		{"empty destination", parent("offer", callAttrs(), parent("destination", nil)), []string{"222:33@lid"}, ""},
		{"destination", parent("destination", nil, encs...), []string{"222:33@lid"}, "L"},
		{"enc", encNode("msg", "E"), nil, "E"},
	} {
		wire := marshal(t, row.root)
		for _, w := range [][]byte{wire, compress(wire)} {
			info, ciphertext, err := stanza.ParseOffer(w, row.own)
			if row.want == "" {
				wantStatus(t, row.name, err, status.NotForThisDevice)
				if row.root.Tag == "offer" && info.CallID != "AB12" {
					t.Errorf("%s: the call is not told", row.name)
				}
			} else if err != nil || string(ciphertext) != row.want {
				t.Errorf("%s: %q, %v; want %q", row.name, ciphertext, err, row.want)
			}
		}
	}
}

// If this failed, an app would ring for the wrong call, use the wrong Signal
// session or read the plaintext by the wrong rules.
func TestInfo(t *testing.T) {
	enc := encNode("pkmsg", "X")
	v3 := encNode("msg", "X")
	v3.Attrs["v"] = "3"
	from := wm.Attrs{"from": types.NewADJID("222", 1, 5)}
	both := wm.Attrs{"from": types.NewJID("1203", "g.us"), "participant": types.NewADJID("333", 1, 6)}
	group := callAttrs()
	group["group-jid"] = types.NewJID("1203", "g.us")
	base := stanza.Info{Kind: stanza.KindOffer, Keygen: 2, EncVersion: 2, EncType: stanza.EncPkmsg, CallID: "AB12", CallCreator: "111:3@lid", Sender: "111:3@lid"}
	with := func(change func(*stanza.Info)) stanza.Info { i := base; change(&i); return i }
	accept := func(change func(*stanza.Info)) stanza.Info {
		return with(func(i *stanza.Info) { i.Kind, i.Accept = stanza.KindAccept, true; change(i) })
	}
	rekey := func(change func(*stanza.Info)) stanza.Info {
		return with(func(i *stanza.Info) { i.Kind, i.Group = stanza.KindRekey, true; change(i) })
	}
	for _, row := range []struct {
		name string
		root wm.Node
		want stanza.Info
	}{
		{"offer", parent("offer", callAttrs(), enc, keygen2), base},
		{"call with offer", parent("call", from, parent("offer", callAttrs(), enc, keygen2)), with(func(i *stanza.Info) { i.From = "222:5@lid" })},
		{"call from no jid", parent("call", wm.Attrs{"from": "somebody"}, parent("offer", callAttrs(), enc, keygen2)), with(func(i *stanza.Info) { i.From = "somebody" })},
		{"call from another spelling", parent("call", wm.Attrs{"from": "222_1:5@lid"}, parent("offer", callAttrs(), enc, keygen2)), with(func(i *stanza.Info) { i.From = "222:5@lid" })},
		{"offer without keygen", parent("offer", callAttrs(), enc), with(func(i *stanza.Info) { i.Keygen = 0 })},
		{"offer with keygen 1", parent("offer", callAttrs(), enc, wm.Node{Tag: "encopt", Attrs: wm.Attrs{"keygen": "1"}}), with(func(i *stanza.Info) { i.Keygen = 1 })},
		{"version 3", parent("offer", callAttrs(), v3, keygen2), with(func(i *stanza.Info) { i.EncVersion, i.EncType = 3, stanza.EncMsg })},
		{"video", parent("offer", callAttrs(), wm.Node{Tag: "video"}, enc, keygen2), with(func(i *stanza.Info) { i.Video = true })},
		{"group by attribute", parent("offer", group, enc, keygen2), with(func(i *stanza.Info) { i.Group = true })},
		{"group by child", parent("offer", callAttrs(), wm.Node{Tag: "group_info"}, enc, keygen2), with(func(i *stanza.Info) { i.Group = true })},
		{"offer without creator", parent("call", from, parent("offer", wm.Attrs{"call-id": "AB12"}, enc, keygen2)), with(func(i *stanza.Info) { i.CallCreator, i.From, i.Sender = "", "222:5@lid", "222:5@lid" })},
		{"accept", parent("accept", callAttrs(), enc, keygen2), accept(func(*stanza.Info) {})},
		{"accept from the callee", parent("call", from, parent("accept", callAttrs(), enc, keygen2)), accept(func(i *stanza.Info) { i.From, i.Sender = "222:5@lid", "222:5@lid" })},
		{"accept from a group", parent("call", both, parent("accept", callAttrs(), enc, keygen2)), accept(func(i *stanza.Info) { i.From, i.Participant, i.Sender = "1203@g.us", "333:6@lid", "333:6@lid" })},
		{"accept from no device", parent("call", wm.Attrs{"from": types.NewJID("1203", "g.us")}, parent("accept", callAttrs(), enc, keygen2)), accept(func(i *stanza.Info) { i.From = "1203@g.us" })},
		{"enc_rekey", parent("call", from, parent("enc_rekey", rekeyAttrs("4294967295"), keygen2, enc)), rekey(func(i *stanza.Info) { i.From, i.Sender, i.TransactionID = "222:5@lid", "222:5@lid", 4294967295 })},
		{"enc_rekey as root", parent("enc_rekey", rekeyAttrs("1"), keygen2, enc), rekey(func(i *stanza.Info) { i.TransactionID = 1 })},
		{"destination", parent("destination", nil, toNode("9@lid", enc)), stanza.Info{EncVersion: 2, EncType: stanza.EncPkmsg}},
		{"enc", enc, stanza.Info{EncVersion: 2, EncType: stanza.EncPkmsg}},
		{"creator in an old spelling", parent("offer", wm.Attrs{"call-id": "AB12", "call-creator": "111_1:3@lid"}, enc, keygen2), base},
		{"no call id", parent("offer", wm.Attrs{"call-creator": "111:3@lid"}, enc, keygen2), with(func(i *stanza.Info) { i.CallID = "" })},
	} {
		info, ciphertext, err := stanza.ParseOffer(marshal(t, row.root), []string{"9@lid"})
		if err != nil || info != row.want || string(ciphertext) != "X" {
			t.Errorf("%s:\n got %+v, %q, %v\nwant %+v", row.name, info, ciphertext, err, row.want)
		}
	}
}

// If this failed, an app could not tell a damaged stanza from a newer client,
// or an ambiguous stanza would be read in one of two ways.
func TestParseRefuses(t *testing.T) {
	enc := encNode("msg", "X")
	changed := func(change func(wm.Attrs)) wm.Node {
		n := encNode("msg", "X")
		change(n.Attrs)
		return n
	}
	attrs := func(name, value string) wm.Attrs {
		a := callAttrs()
		a[name] = value
		return a
	}
	offer := parent("offer", callAttrs(), enc)
	for _, row := range []struct {
		name string
		root wm.Node
		want status.Code
	}{
		{"unknown root", parent("message", nil, enc), status.Malformed},
		{"to as root", toNode("9@lid", enc), status.Malformed},
		{"call with two other nodes", parent("call", nil, parent("terminate", callAttrs()), parent("transport", callAttrs())), status.Malformed},
		{"empty call", wm.Node{Tag: "call"}, status.Malformed},
		{"two offers", parent("call", nil, offer, offer), status.Malformed},
		{"no type", changed(func(a wm.Attrs) { delete(a, "type") }), status.Malformed},
		{"empty ciphertext", encNode("msg", ""), status.Malformed},
		{"no ciphertext", wm.Node{Tag: "enc", Attrs: enc.Attrs}, status.Malformed},
		{"nodes for a ciphertext", wm.Node{Tag: "enc", Attrs: enc.Attrs, Content: []wm.Node{enc}}, status.Malformed},
		{"text for a ciphertext", wm.Node{Tag: "enc", Attrs: enc.Attrs, Content: "123"}, status.Malformed},
		{"two destinations", parent("offer", callAttrs(), parent("destination", nil), parent("destination", nil)), status.Malformed},
		{"this device twice", parent("destination", nil, toNode("9:0@lid", enc), toNode("9@lid", enc)), status.Malformed},
		{"two encs in a to", parent("destination", nil, toNode("9@lid", enc, enc)), status.Malformed},
		{"long call id", parent("offer", attrs("call-id", strings.Repeat("x", 128)), enc), status.Malformed},
		{"call id with NUL", parent("offer", attrs("call-id", "a\x00"), enc), status.Malformed},
		{"call id not UTF-8", parent("offer", attrs("call-id", "a\xff"), enc), status.Malformed},
		{"creator with NUL", parent("offer", attrs("call-creator", "a\x00"), enc), status.Malformed},
		{"long creator", parent("offer", attrs("call-creator", strings.Repeat("1", 124)+"@lid"), enc), status.Malformed},
		{"long from", parent("call", wm.Attrs{"from": strings.Repeat("1", 124) + "@lid"}, offer), status.Malformed},
		{"from with NUL", parent("call", wm.Attrs{"from": "a\x00"}, offer), status.Malformed},
		{"from not UTF-8", parent("call", wm.Attrs{"from": "a\xff"}, offer), status.Malformed},
		{"long participant", parent("call", wm.Attrs{"participant": strings.Repeat("x", 128)}, offer), status.Malformed},
		{"rekey 0", parent("enc_rekey", rekeyAttrs("0"), keygen2, enc), status.Malformed},
		{"rekey above u32", parent("enc_rekey", rekeyAttrs("4294967296"), keygen2, enc), status.Malformed},
		{"rekey -1", parent("enc_rekey", rekeyAttrs("-1"), keygen2, enc), status.Malformed},
		{"rekey without number", parent("enc_rekey", callAttrs(), keygen2, enc), status.Malformed},
	} {
		info, ciphertext, err := stanza.ParseOffer(marshal(t, row.root), []string{"9@lid"})
		wantStatus(t, row.name, err, row.want)
		if ciphertext != nil || info != (stanza.Info{}) {
			t.Errorf("%s: something came with the error", row.name)
		}
	}
	_, _, err := stanza.ParseOffer(marshal(t, offer), []string{"9@lid", "x"})
	wantStatus(t, "bad own jid", err, status.Argument)
}

// Each of these calls would be lost, although the key for this device is there and sound.
func TestReadsOn(t *testing.T) {
	enc := encNode("msg", "X")
	other := func(name, value string) wm.Node {
		n := encNode("msg", "other")
		n.Attrs[name] = value
		return n
	}
	newer, group, empty := other("v", "9"), other("type", "skmsg"), encNode("msg", "")
	noVersion := encNode("msg", "X")
	delete(noVersion.Attrs, "v")
	encopt := func(attrs wm.Attrs) wm.Node { return wm.Node{Tag: "encopt", Attrs: attrs} }
	offer := func(children ...wm.Node) wm.Node { return parent("offer", callAttrs(), children...) }
	tos := func(tos ...wm.Node) wm.Node { return offer(keygen2, parent("destination", nil, tos...)) }
	for _, row := range []struct {
		name   string
		root   wm.Node
		keygen uint32
	}{
		{"no v", offer(keygen2, noVersion), 2},
		{"no encopt", offer(enc), 0},
		{"two keygens", offer(enc, keygen2, keygen2), 0},
		{"keygen is a word", offer(enc, encopt(wm.Attrs{"keygen": "two"})), 0},
		{"keygen above u32", offer(enc, encopt(wm.Attrs{"keygen": "4294967296"})), 0},
		{"encopt without keygen", offer(enc, encopt(nil)), 0},
		{"accept with a strange keygen", parent("accept", callAttrs(), enc, encopt(wm.Attrs{"keygen": ""})), 0},
		{"another device's newer enc", tos(toNode("8@lid", newer), toNode("9@lid", enc)), 2},
		{"another device's enc without a ciphertext", tos(toNode("8@lid", empty), toNode("9@lid", enc)), 2},
		{"another device twice", tos(toNode("8:0@lid", enc), toNode("8@lid", enc), toNode("9@lid", enc)), 2},
		{"a device of another kind", tos(toNode("8:300@lid", enc), toNode("8@bot", enc), toNode("9@lid", enc)), 2},
		{"a to without jid", tos(parent("to", nil, enc), toNode("9@lid", enc)), 2},
		{"a newer enc in the same to", tos(toNode("9@lid", newer, enc, group)), 2},
		{"a newer enc in a second to", tos(toNode("9@lid", newer), toNode("9:0@lid", enc)), 2},
		{"a newer enc for the first own jid", tos(toNode("9@lid", newer), toNode("7@lid", enc)), 2},
		{"a newer enc in the to, and a bare one", offer(keygen2, enc, parent("destination", nil, toNode("9@lid", newer))), 2},
		{"bare ones of newer kinds", offer(keygen2, newer, enc, group, empty), 2},
	} {
		info, ciphertext, err := stanza.ParseOffer(marshal(t, row.root), []string{"9@lid", "7@lid"})
		if err != nil || string(ciphertext) != "X" || info.Keygen != row.keygen || info.EncVersion != 2 || info.EncType != stanza.EncMsg {
			t.Errorf("%s: %q, %+v, %v", row.name, ciphertext, info, err)
		}
	}
	for _, row := range []struct {
		name string
		root wm.Node
		want status.Code
	}{
		{"newer ones only", tos(toNode("9@lid", newer, empty)), status.Unsupported},
		{"the first own jid's is told", tos(toNode("7@lid", empty), toNode("9@lid", newer)), status.Unsupported},
		{"the to's before the bare one", offer(empty, parent("destination", nil, toNode("9@lid", group))), status.Unsupported},
		{"two bare ones of newer kinds", offer(newer, group), status.NotForThisDevice},
		{"two bare ones beside a newer to", offer(enc, enc, parent("destination", nil, toNode("9@lid", newer))), status.Unsupported},
	} {
		_, ciphertext, err := stanza.ParseOffer(marshal(t, row.root), []string{"9@lid", "7@lid"})
		wantStatus(t, row.name, err, row.want)
		if ciphertext != nil {
			t.Errorf("%s: something came with the error", row.name)
		}
	}
}

// If this failed, an app could not tell which call it can't take part in, refuse it or ask
// for it once more, or a stanza that does not parse would tell half a story.
func TestInfoIsFilledWheneverTheStanzaParsed(t *testing.T) {
	enc := func(name, value string) wm.Node {
		n := encNode("pkmsg", "X")
		n.Attrs[name] = value
		return n
	}
	keygen := func(v string) wm.Node { return wm.Node{Tag: "encopt", Attrs: wm.Attrs{"keygen": v}} }
	bare := callAttrs()
	delete(bare, "call-creator")
	attrs := func(more ...string) wm.Attrs {
		a := callAttrs()
		for i := 0; i < len(more); i += 2 {
			a[more[i]] = more[i+1]
		}
		return a
	}
	base := stanza.Info{Keygen: 2, CallID: "AB12", CallCreator: "111:3@lid", From: "222:5@lid", Sender: "222:5@lid"}
	offer := base
	offer.Kind, offer.Sender = stanza.KindOffer, base.CallCreator
	rekey := base
	rekey.Kind, rekey.Group, rekey.TransactionID = stanza.KindRekey, true, 9
	other := base
	other.Kind, other.Keygen = stanza.KindOther, 0
	with := func(i stanza.Info, change func(*stanza.Info)) stanza.Info { change(&i); return i }
	for _, row := range []struct {
		name   string
		action wm.Node
		want   status.Code
		info   stanza.Info
	}{
		{"group offer", parent("offer", callAttrs(), keygen2, wm.Node{Tag: "group_info"}), status.NotForThisDevice, with(offer, func(i *stanza.Info) { i.Group = true })},
		{"keys for others", parent("offer", callAttrs(), keygen2, parent("destination", nil, toNode("8@lid", encNode("msg", "X")))), status.NotForThisDevice, offer},
		{"accept", parent("accept", callAttrs(), keygen2), status.NotForThisDevice, with(base, func(i *stanza.Info) { i.Kind, i.Accept = stanza.KindAccept, true })},
		{"enc_rekey", parent("enc_rekey", rekeyAttrs("9"), keygen2), status.NotForThisDevice, rekey},
		{"terminate", parent("terminate", callAttrs()), status.NotForThisDevice, other},
		{"terminate without a creator", parent("terminate", bare), status.NotForThisDevice, with(other, func(i *stanza.Info) { i.CallCreator = "" })},
		{"a creator that is a bot", parent("offer", wm.Attrs{"call-id": "AB12", "call-creator": "5@bot"}, keygen2), status.NotForThisDevice, with(offer, func(i *stanza.Info) { i.CallCreator, i.Sender = "5@bot", i.From })},
		{"a creator above device 255", parent("accept", wm.Attrs{"call-id": "AB12", "call-creator": "5:256@lid"}), status.NotForThisDevice, with(base, func(i *stanza.Info) {
			i.Kind, i.Accept, i.Keygen, i.CallCreator = stanza.KindAccept, true, 0, "5:256@lid"
		})},
		{"a creator that is a word", parent("terminate", wm.Attrs{"call-id": "AB12", "call-creator": "somebody"}), status.NotForThisDevice, with(other, func(i *stanza.Info) { i.CallCreator = "somebody" })},
		{"group_update", parent("group_update", callAttrs()), status.NotForThisDevice, with(other, func(i *stanza.Info) { i.Group = true })},
		{"offer_notice of a video group call", parent("offer_notice", attrs("media", "video", "type", "group")), status.NotForThisDevice, with(other, func(i *stanza.Info) { i.Video, i.Group = true, true })},
		{"offer_notice of an audio call", parent("offer_notice", attrs("media", "audio", "type", "")), status.NotForThisDevice, other},
		{"another stanza's media and type", parent("mute_v2", attrs("media", "video", "type", "group")), status.NotForThisDevice, other},
		{"offer_notice with video", parent("offer_notice", callAttrs(), wm.Node{Tag: "video"}), status.NotForThisDevice, with(other, func(i *stanza.Info) { i.Video = true })},
		{"another stanza's enc", parent("transport", callAttrs(), encNode("msg", "X")), status.NotForThisDevice, other},
		{"another stanza's keygen", parent("preaccept", callAttrs(), keygen("3")), status.NotForThisDevice, with(other, func(i *stanza.Info) { i.Keygen = 3 })},
		{"another stanza's strange keygen", parent("preaccept", callAttrs(), keygen("x")), status.NotForThisDevice, other},
		{"v 1", parent("offer", callAttrs(), keygen2, enc("v", "1")), status.Unsupported, with(offer, func(i *stanza.Info) { i.EncType = stanza.EncPkmsg })},
		{"v 4", parent("offer", callAttrs(), keygen2, enc("v", "4")), status.Unsupported, with(offer, func(i *stanza.Info) { i.EncType = stanza.EncPkmsg })},
		{"v is a word", parent("offer", callAttrs(), keygen2, enc("v", "two")), status.Unsupported, with(offer, func(i *stanza.Info) { i.EncType = stanza.EncPkmsg })},
		{"skmsg", parent("offer", callAttrs(), keygen2, enc("type", "skmsg")), status.Unsupported, with(offer, func(i *stanza.Info) { i.EncVersion = 2 })},
		{"keygen 3", parent("enc_rekey", rekeyAttrs("9"), keygen("3"), encNode("msg", "X")), status.Unsupported, with(rekey, func(i *stanza.Info) { i.Keygen = 3 })},
		{"no keygen", parent("enc_rekey", rekeyAttrs("9"), encNode("msg", "X")), status.Unsupported, with(rekey, func(i *stanza.Info) { i.Keygen = 0 })},
		{"keygen is a word", parent("enc_rekey", rekeyAttrs("9"), keygen("two"), encNode("msg", "X")), status.Unsupported, with(rekey, func(i *stanza.Info) { i.Keygen = 0 })},
		{"two keygens", parent("enc_rekey", rekeyAttrs("9"), keygen2, keygen2, encNode("msg", "X")), status.Unsupported, with(rekey, func(i *stanza.Info) { i.Keygen = 0 })},
		{"keygen 3, without a number", parent("enc_rekey", callAttrs(), keygen("3"), encNode("msg", "X")), status.Unsupported, with(rekey, func(i *stanza.Info) { i.Keygen, i.TransactionID = 3, 0 })},
	} {
		wire := marshal(t, parent("call", wm.Attrs{"from": types.NewADJID("222", 1, 5)}, row.action))
		info, ciphertext, err := stanza.ParseOffer(wire, []string{"9@lid"})
		wantStatus(t, row.name, err, row.want)
		if ciphertext != nil || info != row.info {
			t.Errorf("%s:\n got %+v\nwant %+v", row.name, info, row.info)
		}
		if row.info.Kind != stanza.KindRekey {
			row.want = status.Malformed // it is no enc_rekey, and says what it is
		}
		info, ciphertext, err = stanza.ParseRekey(wire)
		wantStatus(t, row.name+" as an enc_rekey", err, row.want)
		parsed := row.info
		parsed.EncVersion, parsed.EncType = 0, stanza.EncNone
		if ciphertext != nil || info != parsed {
			t.Errorf("%s as an enc_rekey:\n got %+v\nwant %+v", row.name, info, parsed)
		}
	}
}

// An app could not tell which call ended, rings or is muted, by a client of today or of
// next year.
func TestEveryOtherStanzaIsTold(t *testing.T) {
	for _, tag := range []string{"preaccept", "terminate", "offer_notice", "reject", "transport", "relaylatency", "mute_v2", "video", "heartbeat", "a_later_child"} {
		wire := marshal(t, parent("call", wm.Attrs{"from": "5:300@lid", "participant": "7@bot"}, parent(tag, callAttrs(), encNode("msg", "X"), parent("destination", nil, toNode("9@lid", encNode("msg", "X"))))))
		info, ciphertext, err := stanza.ParseOffer(wire, []string{"9@lid"})
		wantStatus(t, tag, err, status.NotForThisDevice)
		want := stanza.Info{Kind: stanza.KindOther, CallID: "AB12", CallCreator: "111:3@lid", From: "5:300@lid", Participant: "7@bot"}
		if ciphertext != nil || info != want {
			t.Errorf("%s:\n got %+v\nwant %+v", tag, info, want)
		}
		for n := range wire {
			info, _, err := stanza.ParseOffer(wire[:n], []string{"9@lid"})
			wantStatus(t, tag+" cut short", err, status.Malformed)
			if info != (stanza.Info{}) {
				t.Fatalf("%s, cut to %d bytes: %+v", tag, n, info)
			}
		}
	}
}

// If this failed, a caller that reuses its receive buffer would decrypt the next
// frame's bytes.
func TestCiphertextIsACopy(t *testing.T) {
	wire := marshal(t, encNode("msg", "XYZ"))
	_, ciphertext, err := stanza.ParseOffer(wire, nil)
	clear(wire)
	if err != nil || string(ciphertext) != "XYZ" {
		t.Fatalf("%q, %v", ciphertext, err)
	}
}
