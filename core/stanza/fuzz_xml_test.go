package stanza

import (
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"libcallkey/core/status"
)

// shown is the node as its XML tells it: see FromXML.
func shown(n node) node {
	kept := node{tag: n.tag}
	for _, a := range n.attrs {
		kept.attrs = append(kept.attrs, attr{name: a.name, value: a.shown()})
	}
	for i := range n.nodes {
		kept.nodes = append(kept.nodes, shown(n.nodes[i]))
	}
	switch {
	case len(n.nodes) != 0:
		kept.content = contentNodes
	case len(n.data) != 0:
		kept.content, kept.data = n.content, n.data
		if _, ok := appendWord(nil, string(n.data)); !ok {
			kept.content = contentData
		}
	}
	return kept
}

// If this failed, a stanza that was looked at and sent on would say something else.
func FuzzFromXML(f *testing.F) {
	for _, body := range []string{
		"f8031141ff0112", "f80311fafc0161fc0162", "f8021100", "f80211fa00fc026869", "f80211f8021d4df8011d", "f8021111",
		"f80311f50cff01120102000303", "f80311f60cff0112010203", "f80311f70701ff0112", "f802110c", "f80211fb820aff", "f80211ff0112", "f80211fc0112",
		"f80311fc015cfc075c2226003cc3a9", "f80211f70121ff88222222222222222f", "f80211fd000000", "f903e9",
	} {
		wire, err := hex.DecodeString("00" + body)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire, "")
	}
	for _, xml := range []string{
		"<call to=\"1:2@lid\" id=\"A\\\\&quot;\\x0a\">\n  <enc v=\"2\">33</enc>\n  <a>\\x312</a>\n  <b>offer</b>\n</call>\n", "<a><b/></a>", "<a>00</a>",
		"<a b=\"&amp;&lt;&gt;\"/>", "<a>1-2@g.us</a>", "<a b=\"s.whatsapp.net\" c=\"lid\"/>",
	} {
		f.Add([]byte{0}, xml)
	}
	f.Fuzz(func(t *testing.T, wire []byte, xml string) {
		if root, err := decode(wire); err == nil {
			view, _ := XML(wire)
			again, err := FromXML(view)
			if err != nil {
				if len(wire) > MaxBytes/2 {
					return // our forms may be longer than its own
				}
				t.Fatalf("%v\n%s", err, view)
			}
			read, err := decode(again)
			if err != nil {
				t.Fatalf("%v: %x\n%s", err, again, view)
			}
			if want, got := shown(*root), shown(*read); !reflect.DeepEqual(want, got) {
				t.Fatalf("%+v\nbecomes\n%+v\nby\n%s", want, got, view)
			}
			if got, _ := XML(again); got != view {
				t.Fatalf("%s\nbecomes\n%s", view, got)
			}
		}
		again, err := FromXML(xml)
		if err != nil {
			if code := status.Of(err); code != status.Malformed || again != nil {
				t.Fatalf("%s: %v", code.Name(), err)
			}
			return
		}
		view, err := XML(again)
		if err != nil {
			t.Fatalf("%v: %x\n%s", err, again, xml)
		}
		if unspaced(view) != unspaced(xml) {
			t.Fatalf("%s\nbecomes\n%s", xml, view)
		}
	})
}

// unspaced leaves out the white space between nodes: no other is beside a < or >.
func unspaced(xml string) string {
	var b strings.Builder
	for _, part := range strings.SplitAfter(xml, ">") {
		node, rest, _ := strings.Cut(part, "<")
		b.WriteString(strings.Trim(node, " \t\r\n"))
		b.WriteString("<" + rest)
	}
	return b.String()
}
