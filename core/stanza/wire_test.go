package stanza_test

import (
	"bytes"
	"encoding/hex"
	"encoding/xml"
	"io"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	wm "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"

	"libcallkey/core/stanza"
	"libcallkey/core/status"
)

// wireOf joins strings and single bytes to wire bytes.
func wireOf(parts ...any) []byte {
	var out []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			out = append(out, byte(p))
		case string:
			out = append(out, p...)
		case []byte:
			out = append(out, p...)
		}
	}
	return out
}

// If this failed, some client's way of writing the same stanza would not be
// understood. Tokens: to 17, jid 12, enc 29.
func TestEveryWireForm(t *testing.T) {
	value := func(v ...any) []byte { return wireOf(0, 248, 3, 17, 12, wireOf(v...)) }
	body := func(v ...any) []byte { return wireOf(0, 248, 2, 17, wireOf(v...)) }
	for _, row := range []struct {
		name string
		wire []byte
		want string
	}{
		{"single-byte token", value(3), `<to jid="s.whatsapp.net"/>`},
		{"double-byte token", value(236, 0x1c), `<to jid="offer"/>`},
		{"LIST_EMPTY as text", value(0), `<to jid=""/>`},
		{"BINARY_8", value(252, 2, "ab"), `<to jid="ab"/>`},
		{"BINARY_8, empty", value(252, 0), `<to jid=""/>`},
		{"BINARY_20", value(253, 0, 0, 2, "ab"), `<to jid="ab"/>`},
		{"BINARY_20, high nibble", value(253, 0xf0, 0, 2, "ab"), `<to jid="ab"/>`},
		{"BINARY_32", value(254, 0, 0, 0, 2, "ab"), `<to jid="ab"/>`},
		{"NIBBLE_8, even", value(255, 2, 0x12, 0xab), `<to jid="12-."/>`},
		{"NIBBLE_8, odd", value(255, 0x82, 0x12, 0xaf), `<to jid="12-"/>`},
		{"HEX_8, even", value(251, 2, 0x12, 0xaf), `<to jid="12AF"/>`},
		{"HEX_8, odd", value(251, 0x82, 0x12, 0xaf), `<to jid="12A"/>`},
		{"packed, empty", value(251, 0), `<to jid=""/>`},
		{"JID_PAIR", value(250, 255, 2, 0x12, 0x34, 118), `<to jid="1234@lid"/>`},
		{"JID_PAIR, server only", value(250, 0, 3), `<to jid="s.whatsapp.net"/>`},
		{"AD_JID, phone number", value(247, 0, 2, 255, 1, 0x12), `<to jid="12:2@s.whatsapp.net"/>`},
		{"AD_JID, lid, device 0", value(247, 1, 0, 255, 1, 0x12), `<to jid="12:0@lid"/>`},
		{"AD_JID, hosted", value(247, 128, 99, 255, 1, 0x12), `<to jid="12:99@hosted"/>`},
		{"AD_JID, hosted lid", value(247, 129, 99, 255, 1, 0x12), `<to jid="12:99@hosted.lid"/>`},
		{"AD_JID, unknown domain", value(247, 7, 1, 255, 1, 0x12), `<to jid="12.7:1@s.whatsapp.net"/>`},
		{"FB_JID", value(246, 255, 1, 0x12, 1, 2, 252, 4, "msgr"), `<to jid="12:258@msgr"/>`},
		{"INTEROP_JID", value(245, 255, 1, 0x12, 1, 2, 0, 3, 252, 7, "interop"), `<to jid="3-12:258@interop"/>`},
		{"no content", wireOf(0, 248, 1, 17), `<to/>`},
		{"LIST_EMPTY as content", body(0), `<to/>`},
		{"LIST_8 of nodes", body(248, 1, 248, 1, 29), "<to>\n  <enc/>\n</to>"},
		{"LIST_16 of nodes", body(249, 0, 1, 249, 0, 1, 29), "<to>\n  <enc/>\n</to>"},
		{"token as content", body(17), `<to>to</to>`},
		{"packed content", body(255, 1, 0x12), `<to>\x312</to>`},
		{"jid as content", body(250, 255, 1, 0x12, 118), `<to>12@lid</to>`},
		{"bytes as content", body(252, 2, 0, 0xff), `<to>00ff</to>`},
		{"tag as bytes", wireOf(0, 248, 1, 252, 3, "abc"), `<abc/>`},
	} {
		if got := mustXML(t, row.wire); got != row.want+"\n" {
			t.Errorf("%s: %s want %s", row.name, got, row.want)
		}
		wantSameXML(t, row.wire)
		if !sameTree(t, row.wire) {
			t.Errorf("%s: whatsmeow reads something else", row.name)
		}
	}
}

// If this failed, damaged or hostile bytes would be taken for a stanza.
func TestBadWire(t *testing.T) {
	value := func(v ...any) []byte { return wireOf(0, 248, 3, 17, 12, wireOf(v...)) }
	deep := func(n int) []byte {
		return wireOf(0, bytes.Repeat([]byte{248, 2, 17, 248, 1}, n-1), 248, 1, 17)
	}
	attrs := func(n int) []byte {
		w := wireOf(0, 249, (2*n+1)>>8, (2*n+1)&255, 17)
		for i := range n {
			w = wireOf(w, 252, 2, string([]byte{'a' + byte(i/26), 'a' + byte(i%26)}), 17)
		}
		return w
	}
	wide := func(n int) []byte {
		return wireOf(0, 248, 2, 17, 249, n>>8, n&255, bytes.Repeat([]byte{248, 1, 29}, n))
	}
	for _, wire := range [][]byte{deep(16), attrs(64), wide(32767)} {
		if _, err := stanza.XML(wire); err != nil {
			t.Errorf("at the limit: %v", err)
		}
	}
	good := marshal(t, encNode("msg", "X"))
	zipped := compress(good)
	badSum := bytes.Clone(zipped)
	badSum[len(badSum)-1] ^= 1
	for _, row := range []struct {
		name string
		wire []byte
		want status.Code
	}{
		{"nothing", nil, status.Malformed},
		{"flag only", []byte{0}, status.Malformed},
		{"unknown flag", wireOf(4, good[1:]), status.Unsupported},
		{"trailing byte", wireOf(good, 0), status.Malformed},
		{"empty list", wireOf(0, 0), status.Malformed},
		{"list of 0", wireOf(0, 248, 0), status.Malformed},
		{"no list", wireOf(0, 17), status.Malformed},
		{"stream end", wireOf(0, 248, 1, 2, 2), status.Malformed},
		{"tag is empty", wireOf(0, 248, 1, 252, 0), status.Malformed},
		{"tag is no name", wireOf(0, 248, 1, 252, 1, "<"), status.Malformed},
		{"tag starts with a digit", wireOf(0, 248, 1, 252, 2, "1a"), status.Malformed},
		{"tag of 128 bytes", wireOf(0, 248, 1, 252, 128, strings.Repeat("a", 128)), status.Malformed},
		{"tag is a jid", wireOf(0, 248, 1, 250, 0, 3), status.Malformed},
		{"attribute name is a list", wireOf(0, 248, 3, 17, 248, 1, 17), status.Malformed},
		{"attribute value is a list", value(248, 1, 17), status.Malformed},
		{"same attribute twice", wireOf(0, 248, 5, 17, 12, 17, 12, 17), status.Malformed},
		{"unknown token", value(240), status.Malformed},
		{"NIBBLE_8, bad digit", value(255, 1, 0xc1), status.Malformed},
		{"NIBBLE_8, filler inside", value(255, 1, 0x1f), status.Malformed},
		{"packed, odd and empty", value(255, 0x80), status.Malformed},
		{"FB_JID, other server", value(246, 255, 1, 0x12, 1, 2, 3), status.Malformed},
		{"INTEROP_JID, other server", value(245, 255, 1, 0x12, 1, 2, 0, 3, 3), status.Malformed},
		{"jid in a jid", value(250, 250, 0, 3, 3), status.Malformed},
		{"BINARY_32 of 4 GiB", value(254, 255, 255, 255, 255), status.Malformed},
		{"BINARY_32 of 2 GiB", value(254, 0x7f, 255, 255, 255), status.Malformed},
		{"BINARY_20 of 1 MiB", value(253, 15, 255, 255), status.Malformed},
		{"LIST_16 of 65535 nodes", wireOf(0, 248, 2, 17, 249, 255, 255), status.Malformed},
		{"LIST_16 of 32767 attributes", wireOf(0, 249, 255, 255, 17), status.Malformed},
		{"17 levels", deep(17), status.Malformed},
		{"200,000 levels", wireOf(0, bytes.Repeat([]byte{248, 2, 17, 248, 1}, 200_000)), status.Malformed},
		{"65 attributes", attrs(65), status.Malformed},
		{"32,769 nodes", wide(32768), status.Malformed},
		{"over 1 MiB", make([]byte, stanza.MaxBytes+1), status.Malformed},
		{"not zlib", wireOf(2, good[1:]), status.Malformed},
		{"zlib cut short", zipped[:len(zipped)-1], status.Malformed},
		{"zlib with a bad sum", badSum, status.Malformed},
		{"bytes behind zlib", wireOf(zipped, 0), status.Malformed},
		{"bytes behind the node in zlib", compress(wireOf(good, 0)), status.Malformed},
		{"zip bomb", compress(make([]byte, 8<<20)), status.Malformed},
	} {
		start := time.Now()
		_, err := stanza.XML(row.wire)
		wantStatus(t, row.name, err, row.want)
		_, _, err = stanza.ParseOffer(row.wire, nil)
		wantStatus(t, row.name, err, row.want)
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("%s: %v", row.name, d)
		}
	}
}

// If this failed, 1 MB from a stranger would cost many times that in memory.
func TestHostileLengthsCostNoMemory(t *testing.T) {
	for _, wire := range [][]byte{
		wireOf(0, 248, 3, 17, 12, 254, 0x7f, 255, 255, 255),
		wireOf(0, 249, 255, 255, 17),
		wireOf(0, 248, 2, 17, 249, 255, 255),
		compress(make([]byte, 8<<20)),
		// A list that is long enough for the bytes after it, five times one in the other.
		wireOf(0, bytes.Repeat([]byte{249, 0, 2, 17, 249, 255, 255}, 5), make([]byte, 1_000_000)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := stanza.XML(wire)
		runtime.ReadMemStats(&after)
		wantStatus(t, "hostile length", err, status.Malformed)
		if got := after.TotalAlloc - before.TotalAlloc; got > 6<<20 {
			t.Errorf("%x…: %d bytes", wire[:6], got)
		}
	}
}

// If this failed, one damaged byte could stop the whole library (INTERNAL) or
// the process.
func TestTruncatedAndFlipped(t *testing.T) {
	o := callOptions()
	o.Video, o.PrivacyToken, o.DeviceIdentity = true, []byte{1}, []byte{9, 9}
	plain := mustBuild(t, twoEncs(), o)
	for _, wire := range [][]byte{plain, compress(plain), mustBuild(t, twoEncs(), nil), mustBuild(t, twoEncs()[:1], nil)} {
		check := func(b []byte) error {
			_, _, err := stanza.ParseOffer(b, []string{"222222222222222:33@lid"})
			switch code := status.Of(err); code {
			case status.OK, status.Malformed, status.Unsupported, status.NotForThisDevice:
			default:
				t.Errorf("%x: %s (%v)", b, code.Name(), err)
			}
			if _, err := stanza.XML(b); err != nil && status.Of(err) != status.Malformed && status.Of(err) != status.Unsupported {
				t.Errorf("%x: XML: %v", b, err)
			}
			return err
		}
		if err := check(wire); err != nil {
			t.Fatal(err)
		}
		for n := range len(wire) {
			wantStatus(t, "truncated at "+strconv.Itoa(n), check(wire[:n:n]), status.Malformed)
		}
		for bit := range 8 * len(wire) {
			b := bytes.Clone(wire)
			b[bit/8] ^= 1 << (bit % 8)
			check(b)
		}
	}
}

// If this failed, a log of errors would hold what a peer wrote.
func TestErrorsHoldNoStanzaBytes(t *testing.T) {
	o := callOptions()
	o.CallID, o.StanzaID = "canary", "canary"
	wire := mustBuild(t, []stanza.Enc{{JID: "canary@lid", Type: stanza.EncMsg, Ciphertext: []byte("canary")}}, o)
	for bit := range 8 * len(wire) {
		b := bytes.Clone(wire)
		b[bit/8] ^= 1 << (bit % 8)
		if _, _, err := stanza.ParseOffer(b, nil); err != nil && strings.Contains(err.Error(), "canary") {
			t.Fatal(err)
		}
	}
}

// If this failed, a stanza from the network could forge lines or send control
// codes to the terminal that shows it.
func TestXMLIsSafe(t *testing.T) {
	hostile := "<&>\"'\\x41\n\r\t\x00\x1b[31m\x7f\u202e\ufffe\xff\u00e9"
	got := mustXML(t, marshal(t, wm.Node{Tag: "to", Attrs: wm.Attrs{"jid": hostile}}))
	const want = `<to jid="&lt;&amp;&gt;&quot;'\\x41\x0a\x0d\x09\x00\x1b[31m\x7f\xe2\x80\xae\xef\xbf\xbe\xffé"/>` + "\n"
	if got != want {
		t.Errorf("got  %swant %s", got, want)
	}
	if node, err := readXML(got); err != nil || node.Attrs["jid"] != hostile {
		t.Errorf("the value can't be read back: %q, %v", node.Attrs["jid"], err)
	}
}

// If this failed, whatsmeow and this package would disagree on what a stanza
// says, in one direction or the other.
func TestWhatsmeowAgrees(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	words := []string{"to", "jid", "offer", "encopt", "call-id", "0", "2", "8000", "16000", "00AF", "-.-.", "abc", "Ünï", "", "a<b", strings.Repeat("7", 127), strings.Repeat("7", 128), strings.Repeat("x", 300)}
	names := []string{"to", "jid", "offer", "encopt", "x1", "group_info", "call-id"}
	jids := []types.JID{types.NewADJID("1", 0, 2), types.NewADJID("12", 1, 200), types.NewADJID("12", 128, 99), types.NewADJID("12", 129, 99), types.NewJID("12", "lid"), types.NewJID("1555-1", "g.us"), types.NewJID("", "s.whatsapp.net"),
		{User: "5", Device: 300, Server: "msgr"}, {User: "5", Device: 300, Integrator: 4, Server: "interop"}}
	var random func(depth int) wm.Node
	random = func(depth int) wm.Node {
		n := wm.Node{Tag: names[r.IntN(len(names))], Attrs: wm.Attrs{}}
		for range r.IntN(4) {
			if r.IntN(2) == 0 {
				n.Attrs[names[r.IntN(len(names))]] = words[r.IntN(len(words))]
			} else {
				n.Attrs[names[r.IntN(len(names))]] = jids[r.IntN(len(jids))]
			}
		}
		switch r.IntN(3) {
		case 0:
			if depth < 5 {
				children := make([]wm.Node, 1+r.IntN(4))
				for i := range children {
					children[i] = random(depth + 1)
				}
				n.Content = children
			}
		case 1:
			b := make([]byte, 1+r.IntN(400))
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			n.Content = b
		}
		return n
	}
	for range 300 {
		wire := marshal(t, random(1))
		if !sameTree(t, wire) || !sameTree(t, compress(wire)) {
			t.Fatalf("whatsmeow's stanza is read otherwise: %x", wire)
		}
	}
	o := callOptions()
	o.Video, o.PrivacyToken, o.DeviceIdentity = true, []byte{1}, make([]byte, 300)
	for _, n := range []int{1, 2, 255, 256, 300} {
		for _, options := range []*stanza.OfferOptions{nil, o} {
			wire := mustBuild(t, manyEncs(n, 200+n, stanza.EncPkmsg), options)
			if !sameTree(t, wire) || !sameTree(t, compress(wire)) {
				t.Fatalf("our offer for %d devices is read otherwise", n)
			}
		}
	}
}

// sameTree compares our reading, by way of the XML view and encoding/xml, with
// whatsmeow's.
func sameTree(t testing.TB, wire []byte) bool {
	t.Helper()
	ours, err := readXML(mustXML(t, wire))
	if err != nil {
		t.Errorf("the view is not well-formed: %v", err)
		return false
	}
	body, err := wm.Unpack(wire)
	if err != nil {
		t.Errorf("whatsmeow: %v", err)
		return false
	}
	theirs, err := wm.Unmarshal(body)
	if err != nil {
		t.Errorf("whatsmeow: %v", err)
		return false
	}
	return same(t, ours, *theirs)
}

func same(t testing.TB, ours, theirs wm.Node) bool {
	ok := ours.Tag == theirs.Tag
	for name, v := range theirs.Attrs {
		got, has := ours.Attrs[name]
		ok = ok && has && sameText(got.(string), v)
	}
	for name, v := range ours.Attrs {
		_, has := theirs.Attrs[name]
		ok = ok && (has || v == "") // whatsmeow writes no attribute with an empty value
	}
	ourNodes := ours.GetChildren()
	switch c := theirs.Content.(type) {
	case nil:
		ok = ok && ours.Content == ""
	case []wm.Node:
		ok = ok && len(c) == len(ourNodes)
		for i := 0; ok && i < len(c); i++ {
			ok = same(t, ourNodes[i], c[i])
		}
	case []byte:
		ok = ok && ours.Content == hex.EncodeToString(c)
	default:
		ok = ok && sameText(ours.Content.(string), c)
	}
	if !ok {
		t.Logf("ours %+v, whatsmeow's %+v", ours, theirs)
	}
	return ok
}

func sameText(ours string, theirs any) bool {
	switch v := theirs.(type) {
	case nil: // LIST_EMPTY
		return ours == ""
	case string:
		return ours == v
	case types.JID:
		if v.Server == "interop" { // whatsmeow's text leaves the integrator out
			return ours == strconv.Itoa(int(v.Integrator))+"-"+v.User+":"+strconv.Itoa(int(v.Device))+"@interop"
		}
		// whatsmeow's text leaves device 0 out and has its own form of an unknown domain.
		return strings.Replace(ours, ":0@", "@", 1) == strings.Replace(v.String(), ":0@", "@", 1) || v.Server != "s.whatsapp.net" == strings.Contains(ours, ".7:")
	}
	return false
}

// readXML reads the view back with the standard library: nodes as children, all
// other content as a string.
func readXML(s string) (wm.Node, error) {
	d := xml.NewDecoder(strings.NewReader(s))
	var stack []*wm.Node
	var text string
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return wm.Node{}, io.ErrUnexpectedEOF
		}
		if err != nil {
			return wm.Node{}, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			n := &wm.Node{Tag: tok.Name.Local, Attrs: wm.Attrs{}}
			for _, a := range tok.Attr {
				n.Attrs[a.Name.Local] = unescape(a.Value)
			}
			stack, text = append(stack, n), ""
		case xml.CharData:
			text += string(tok)
		case xml.EndElement:
			n := stack[len(stack)-1]
			if n.Content == nil {
				n.Content = unescape(text)
			}
			if stack = stack[:len(stack)-1]; len(stack) == 0 {
				return *n, nil
			}
			p := stack[len(stack)-1]
			children, _ := p.Content.([]wm.Node)
			p.Content = append(children, *n)
		}
	}
}

func unescape(s string) string {
	var out []byte
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\':
			out = append(out, s[i])
		case s[i+1] == '\\':
			out = append(out, '\\')
			i++
		default:
			b, _ := hex.DecodeString(s[i+2 : i+4])
			out = append(out, b...)
			i += 3
		}
	}
	return string(out)
}
