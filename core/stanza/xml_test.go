package stanza_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"testing"

	wm "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"

	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/testdata/vectors"
)

// wantSameXML checks that a stanza's XML gives a stanza with the same XML.
func wantSameXML(t *testing.T, wire []byte) {
	t.Helper()
	xml := mustXML(t, wire)
	again, err := stanza.FromXML(xml)
	if err != nil {
		t.Errorf("%v\n%s", err, xml)
	} else if got := mustXML(t, again); got != xml {
		t.Errorf("read back as\n%snot\n%s", got, xml)
	}
}

// If this failed, a researcher who changes one attribute of a captured stanza would send
// another stanza than intended.
func TestXMLOfEveryVector(t *testing.T) {
	n := 0
	try := func(t *testing.T, wire []byte) {
		if _, err := stanza.XML(wire); err == nil {
			wantSameXML(t, wire)
			n++
		}
	}
	vectors.Each(t, "callkey_offer_parse", func(t *testing.T, c vectors.Case) { try(t, c.In.Hex(t, "stanza")) })
	for _, built := range []string{"callkey_offer_build", "callkey_rekey_build", "callkey_stanza_from_xml"} {
		vectors.Each(t, built, func(t *testing.T, c vectors.Case) {
			if c.Error != "" {
				return
			}
			wire := c.Out.Hex(t, "stanza")
			try(t, wire)
			try(t, compress(wire))
			// Our own writer has one form for everything, the same on both ways.
			if again, err := stanza.FromXML(mustXML(t, wire)); err != nil || !bytes.Equal(again, wire) {
				t.Errorf("%x, %v\nnot %x", again, err, wire)
			}
		})
	}
	if n < 100 {
		t.Errorf("only %d stanzas were tried", n)
	}
}

// between is the white space between nodes.
var between = regexp.MustCompile(`>\s+<`)

// If this failed, a stanza would be written otherwise in Go than in the other languages.
func TestFromXMLVectors(t *testing.T) {
	vectors.Each(t, "callkey_stanza_from_xml", func(t *testing.T, c vectors.Case) {
		xml := c.In.Text(t, "xml")
		wire, err := stanza.FromXML(xml)
		wantStanza(t, c, wire, err)
		if err == nil && between.ReplaceAllString(mustXML(t, wire), "><") != between.ReplaceAllString(strings.TrimSpace(xml)+"\n", "><") {
			t.Errorf("%q is written again as %q", xml, mustXML(t, wire))
		}
	})
}

// If this failed, a client would take an address for a text, and drop the stanza.
func TestXMLWritesJIDs(t *testing.T) {
	for _, row := range []struct {
		value string
		want  []byte
	}{
		{"98765432@lid", wireOf(250, 255, 4, 0x98, 0x76, 0x54, 0x32, 118)},
		{"98765432:0@lid", wireOf(247, 1, 0, 255, 4, 0x98, 0x76, 0x54, 0x32)},
		{"98765432:255@lid", wireOf(247, 1, 255, 255, 4, 0x98, 0x76, 0x54, 0x32)},
		{"98765432:2@s.whatsapp.net", wireOf(247, 0, 2, 255, 4, 0x98, 0x76, 0x54, 0x32)},
		{"98765432:9@hosted", wireOf(247, 128, 9, 255, 4, 0x98, 0x76, 0x54, 0x32)},
		{"98765432:9@hosted.lid", wireOf(247, 129, 9, 255, 4, 0x98, 0x76, 0x54, 0x32)},
		{"98765432.7:1@s.whatsapp.net", wireOf(247, 7, 1, 255, 4, 0x98, 0x76, 0x54, 0x32)},
		{"98765432.1:1@s.whatsapp.net", wireOf(247, 0, 1, 255, 5, 0x98, 0x76, 0x54, 0x32, 0xb1)}, // that agent has a server of its own
		{"98765432:256@lid", wireOf(250, 252, 12, "98765432:256", 118)},
		{"98765432:07@lid", wireOf(250, 252, 11, "98765432:07", 118)},
		{"98765432:2@c.us", wireOf(250, 252, 10, "98765432:2", 252, 4, "c.us")},
		{"1-2@g.us", wireOf(250, 255, 0x82, 0x1a, 0x2f, 28)},
		{"98765432:258@msgr", wireOf(246, 255, 4, 0x98, 0x76, 0x54, 0x32, 1, 2, 252, 4, "msgr")},
		{"98765432@msgr", wireOf(250, 255, 4, 0x98, 0x76, 0x54, 0x32, 252, 4, "msgr")},
		{"3-98765432:258@interop", wireOf(245, 255, 4, 0x98, 0x76, 0x54, 0x32, 1, 2, 0, 3, 252, 7, "interop")},
		{"3:258@interop", wireOf(250, 252, 5, "3:258", 252, 7, "interop")},
		{"s.whatsapp.net", wireOf(250, 0, 3)},
		{"lid", wireOf(118)},
		{"1@example", wireOf(252, 9, "1@example")},
		{"@lid", wireOf(252, 4, "@lid")},
		{"a b@lid", wireOf(252, 7, "a b@lid")},
		{"1@lid@lid", wireOf(252, 9, "1@lid@lid")},
	} {
		wire, err := stanza.FromXML(`<to jid="` + row.value + `"/>`)
		want := wireOf(0, 248, 3, 17, 12, row.want)
		// The server of a form that a token has is that token.
		want = bytes.ReplaceAll(want, wireOf(252, 4, "c.us"), tokenOf(t, "c.us"))
		want = bytes.ReplaceAll(want, wireOf(252, 4, "msgr"), tokenOf(t, "msgr"))
		want = bytes.ReplaceAll(want, wireOf(252, 7, "interop"), tokenOf(t, "interop"))
		if err != nil || !bytes.Equal(wire, want) {
			t.Errorf("%s: %x, %v, want %x", row.value, wire, err, want)
			continue
		}
		wantSameXML(t, wire)
		if got := mustXML(t, wire); got != `<to jid="`+row.value+"\"/>\n" {
			t.Errorf("%s is read as %s", row.value, got)
		}
	}
	for _, jid := range []types.JID{
		types.NewADJID("1", 0, 2), types.NewADJID("12", 1, 200), types.NewJID("1555-1", "g.us"), types.NewJID("", "s.whatsapp.net"),
		types.NewJID("status", "broadcast"), types.NewJID("120363", "newsletter"), types.NewJID("867051314767696", "bot"),
	} {
		theirs := marshal(t, wm.Node{Tag: "to", Attrs: wm.Attrs{"jid": jid}})
		if wire, err := stanza.FromXML(mustXML(t, theirs)); err != nil || !bytes.Equal(wire, theirs) {
			t.Errorf("%s: %x, %v, whatsmeow writes %x", jid, wire, err, theirs)
		}
	}
}

// tokenOf returns a text as the library writes it in a JID.
func tokenOf(t *testing.T, s string) []byte {
	t.Helper()
	wire, err := stanza.FromXML(`<to jid="` + s + `"/>`)
	if err != nil {
		t.Fatal(err)
	}
	return wire[5:]
}

// If this failed, bytes would become a text that looks like their hexadecimal, or the other
// way round.
func TestXMLTellsTextFromBytes(t *testing.T) {
	for xml, want := range map[string][]byte{
		`<to>\x312</to>`:          wireOf(207), // a token
		"<to>12</to>":             wireOf(252, 1, 0x12),
		`<to>\x398765432</to>`:    wireOf(255, 4, 0x98, 0x76, 0x54, 0x32),
		"<to>123</to>":            wireOf(255, 0x82, 0x12, 0x3f),
		`<to>\x61dd2</to>`:        nil, // no word
		"<to>offer</to>":          wireOf(236, 0x1c),
		"<to>AB</to>":             wireOf(251, 1, 0xab),
		"<to>98765432:2@lid</to>": wireOf(247, 1, 2, 255, 4, 0x98, 0x76, 0x54, 0x32),
		"<to>" + strings.Repeat("7", 255) + "X</to>":    nil,
		`<to>\x37` + strings.Repeat("7", 253) + "</to>": wireOf(255, 127, bytes.Repeat([]byte{0x77}, 127)),
		"<to>" + strings.Repeat("F", 253) + "</to>":     wireOf(251, 255, bytes.Repeat([]byte{0xff}, 127)),
	} {
		wire, err := stanza.FromXML(xml)
		if want == nil {
			wantStatus(t, xml, err, status.Malformed)
			continue
		}
		if full := wireOf(0, 248, 2, 17, want); err != nil || !bytes.Equal(wire, full) {
			t.Errorf("%s: %x, %v, want %x", xml, wire, err, full)
		}
		wantSameXML(t, wire)
	}
	// A text of a form that no client writes is shown as its bytes.
	for _, odd := range [][]byte{wireOf(250, 0, 252, 2, "hi"), wireOf(250, 252, 1, "a", 252, 1, "b")} {
		xml := mustXML(t, wireOf(0, 248, 2, 17, odd))
		if text := strings.TrimSuffix(strings.TrimPrefix(xml, "<to>"), "</to>\n"); text != hex.EncodeToString([]byte("hi")) && text != hex.EncodeToString([]byte("a@b")) {
			t.Errorf("%x is shown as %s", odd, xml)
		}
		wantSameXML(t, wireOf(0, 248, 2, 17, odd))
	}
}

// White space between nodes is the reader's own.
func TestXMLWithOtherSpace(t *testing.T) {
	want, err := stanza.FromXML("<call>\n  <to>\n    <enc>00</enc>\n    <enc/>\n  </to>\n</call>\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, xml := range []string{
		"<call><to><enc>00</enc><enc/></to></call>", "\r\n\t <call> \n <to>\t<enc>00</enc>\r\n<enc/> </to></call>  \n\n",
	} {
		if wire, err := stanza.FromXML(xml); err != nil || !bytes.Equal(wire, want) {
			t.Errorf("%q: %x, %v", xml, wire, err)
		}
	}
}

// If this failed, what a person mistyped would be sent as a stanza that says something else.
func TestBadXML(t *testing.T) {
	for _, row := range []struct{ xml, where string }{
		{"", "line 1, column 1"},
		{" \n", "line 2, column 1"},
		{"to", "line 1, column 1"},
		{"<to", "column 4"},
		{"<to>", "column 5"},
		{"<to/", "column 4"},
		{"<to/>\n<to/>", "line 2, column 1: text follows"},
		{"<to/>x", "column 6"},
		{"<to></to>", "column 5: a node without content must be <to/>"},
		{"<to> </to>", "column 5"},
		{"<to>\n<enc/>\n</too>", "line 3, column 1: here must be </to>"},
		{"<to><enc/>x</to>", "column 11"},
		{"<to>x<enc/></to>", "column 5"},
		{"<to />", "column 5: here must be a name"},
		{"<to  jid=\"1\"/>", "column 5"},
		{"<to\njid=\"1\"/>", "column 4"},
		{"<to jid='1'/>", "column 8"},
		{"<to jid = \"1\"/>", "column 8"},
		{"<to jid=\"1/>", "column 10"},
		{"<to jid=\"1\"id=\"1\"/>", "column 12"},
		{"<to jid=\"1\" jid=\"2\"/>", "column 13: <to> has the attribute jid twice"},
		{"<to jid=\"a&b\"/>", "column 10: the value of jid is not escaped"},
		{"<to jid=\"a<b\"/>", "column 10"},
		{"<to jid=\"a>b\"/>", "column 10"},
		{"<to jid=\"&apos;\"/>", "column 10"},
		{"<to jid=\"&#65;\"/>", "column 10"},
		{"<to jid=\"\\x41\"/>", "column 10"},
		{"<to jid=\"\\x0A\"/>", "column 10"},
		{"<to jid=\"\\xc3\\xa9\"/>", "column 10"},
		{"<to jid=\"\\x\"/>", "column 10"},
		{"<to jid=\"\\\"/>", "column 10"},
		{"<to jid=\"\n\"/>", "column 10"},
		{"<to jid=\"\u202e\"/>", "column 10"},
		{"<to jid=\"\xff\"/>", "column 10"},
		{"<to>abc</to>", "column 5: the content of <to> is neither"},
		{"<to>0A1</to>x", "column 13"},
		{"<to> 00</to>", "column 5"},
		{"<to>00 </to>", "column 5"},
		{"<to>hello</to>", "column 5"},
		{"<to>mail@example.org</to>", "column 5"},
		{"<to>\\x6fffer</to>", "column 5"}, // offer needs no escape
		{"<to>&lt;</to>", "column 5"},
		{"<1/>", "column 2"},
		{"<-a/>", "column 2"},
		{"<" + strings.Repeat("a", 128) + "/>", "column 2"},
		{"<a:b/>", "column 3"},
		{"<?xml version=\"1.0\"?><to/>", "column 2"},
		{"<!DOCTYPE to><to/>", "column 2"},
		{"<!-- --><to/>", "column 2"},
		{"<to><!-- --></to>", "column 6"},
		{"<to><![CDATA[00]]></to>", "column 6"},
		{"\ufeff<to/>", "column 1"},
		{"<to/>\x00", "column 6"},
	} {
		wire, err := stanza.FromXML(row.xml)
		wantStatus(t, row.xml, err, status.Malformed)
		if err != nil && !strings.Contains(err.Error(), row.where) || wire != nil {
			t.Errorf("%q: %x, %v, want %s", row.xml, wire, err, row.where)
		}
	}
}

// If this failed, a text could make a stanza that no reader takes, or fill our memory.
func TestXMLLimits(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("<a>", n-1) + "<a/>" + strings.Repeat("</a>", n-1) }
	attrs := func(n int) string {
		var s strings.Builder
		for i := range n {
			fmt.Fprintf(&s, ` a%d=""`, i)
		}
		return "<a" + s.String() + "/>"
	}
	wide := func(n int) string { return "<a>" + strings.Repeat("<a/>", n-1) + "</a>" }
	long := func(n int) string { return "<a>" + strings.Repeat("00", n) + "</a>" }
	quoted := func(n int) string { return `<a b="` + strings.Repeat("&quot;", n) + `"/>` }
	const around = 10 // flag, list, tag, length of the bytes
	for name, row := range map[string]struct {
		good, bad string
	}{
		"depth":               {deep(16), deep(17)},
		"attributes":          {attrs(64), attrs(65)},
		"nodes":               {wide(1 << 15), wide(1<<15 + 1)},
		"bytes":               {long(stanza.MaxBytes - around), long(stanza.MaxBytes - 5)},
		"a content":           {long(1), long(stanza.MaxBytes)},
		"a value":             {quoted(stanza.MaxBytes - 2*around), quoted(stanza.MaxBytes)},
		"the text":            {"<a/>" + strings.Repeat(" ", stanza.MaxXMLBytes-4), "<a/>" + strings.Repeat(" ", stanza.MaxXMLBytes-3)},
		"many values, in all": {attrs(2), "<a>" + strings.Repeat(quoted(stanza.MaxBytes/3), 4) + "</a>"},
	} {
		wire, err := stanza.FromXML(row.good)
		if err != nil {
			t.Errorf("%s: at the limit: %v", name, err)
		} else {
			wantSameXML(t, wire)
		}
		want := status.Malformed
		if len(row.bad) > stanza.MaxXMLBytes {
			want = status.Argument
		}
		_, err = stanza.FromXML(row.bad)
		wantStatus(t, name, err, want)
	}
}
