package stanza

import (
	"fmt"
	"reflect"
	"testing"
)

// If this failed, a device would read another offer than the one that was sent, depending on what
// the offer has for other devices.
func FuzzDecodeFor(f *testing.F) {
	own := ownDevices{{"222222222222222", 1, 33}, {"15550001", 0, 2}}
	for _, jids := range [][]string{
		{"222222222222222:33@lid", "15550001:2@s.whatsapp.net"},
		{"1:1@lid", "15550001:2@c.us", "1:2@lid", "a@g.us", "222222222222222:33@lid"},
		{"1:1@lid", "1:2@lid"},
	} {
		destination := element("destination")
		for i, jid := range jids {
			to := element("to", "a", "12", "b", "word").withNodes(element("enc", "v", "2", "c", "345").withData([]byte{byte(i)}))
			to.attrs = append(to.attrs, attr{name: "jid", written: appendValue(nil, jid)})
			destination.nodes = append(destination.nodes, to)
		}
		destination.content = contentNodes
		root := element("call", "id", "67").withNodes(element("to"), destination, element("d", "e", "text"))
		f.Add(appendStanza(nil, &root))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		want, err := decode(wire)
		got, errFor := decodeFor(wire, own)
		if fmt.Sprint(err) != fmt.Sprint(errFor) {
			t.Fatalf("%v, want %v", errFor, err)
		}
		if err != nil {
			return
		}
		dropOthers(want, own)
		if want, got := shown(*want), shown(*got); !reflect.DeepEqual(want, got) {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}

// dropOthers leaves out the <to> of other devices.
func dropOthers(n *node, own ownDevices) {
	kept := n.nodes[:0]
	for i := range n.nodes {
		if child := &n.nodes[i]; !own.lack(n, child) {
			dropOthers(child, own)
			kept = append(kept, *child)
		}
	}
	n.nodes = kept
}
