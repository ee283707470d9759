package stanza

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"libcallkey/core/status"
)

// slowly is ParseOffer with every <to> read and kept.
func slowly(wire []byte, own ownDevices) (Info, []byte, error) {
	root, err := decode(wire)
	if err != nil {
		return Info{}, nil, err
	}
	info, found, err := readRoot(root, own)
	if err != nil {
		return info, nil, err
	}
	return take(info, found)
}

// same compares ParseOffer with slowly, and returns how it ended.
func same(t *testing.T, wire []byte, jids []string) status.Code {
	t.Helper()
	var own ownDevices
	for _, s := range jids {
		j, err := ParseJID(s)
		if err != nil {
			t.Fatal(err)
		}
		own = append(own, j.address())
	}
	info, ciphertext, err := ParseOffer(wire, jids)
	wantInfo, want, wantErr := slowly(wire, own)
	if info != wantInfo || !bytes.Equal(ciphertext, want) || status.Of(err) != status.Of(wantErr) {
		t.Fatalf("%x for %q is %+v, %x, %v, not %+v, %x, %v", wire, jids, info, ciphertext, err, wantInfo, want, wantErr)
	}
	return status.Of(err)
}

var skipJIDs = []string{"111111111111111@lid", "111111111111111:1@lid", "111111111111111:33@lid", "15550002:3@s.whatsapp.net",
	"15550002@s.whatsapp.net", "15550002@c.us", "33333333:3@hosted", "33333333@hosted.lid", "222222222222222:33@lid",
	"222222222222222@lid", "22:3@lid", "4444444-4:4@lid", "ABC@lid"}

func skipOffer(tb testing.TB, random *rand.Rand, ciphertext int) []byte {
	tb.Helper()
	encs := make([]Enc, 0, 5)
	for _, i := range random.Perm(len(skipJIDs))[:5] {
		if skipJIDs[i] == "15550002@c.us" { // a second name
			continue
		}
		b := make([]byte, ciphertext)
		for j := range b {
			b[j] = byte(random.Uint32())
		}
		encs = append(encs, Enc{JID: skipJIDs[i], Type: EncMsg + EncType(random.IntN(2)), Ciphertext: b})
	}
	wire, err := BuildOffer(encs, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return wire
}

// If this failed, an offer would be read otherwise because of what it has for other devices: a key
// for this one be lost, or a damaged offer be taken for a good one.
func TestSkippingChangesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	ends := map[status.Code]int{}
	for n := range 50_000 {
		wire := skipOffer(t, random, 1+random.IntN(3)*random.IntN(200))
		switch n % 4 {
		case 0: // as it is
		case 1: // one byte is another, mostly of the nodes
			wire[random.IntN(len(wire))] = byte(random.Uint32())
		case 2:
			wire = wire[:random.IntN(len(wire)+1)]
		case 3: // a piece is there again
			at, size := random.IntN(len(wire)), random.IntN(20)
			piece := bytes.Clone(wire[at:min(at+size, len(wire))])
			wire = append(wire[:at:at], append(piece, wire[at:]...)...)
		}
		own := []string{skipJIDs[random.IntN(len(skipJIDs))]}
		if n%3 == 0 {
			own = append(own, skipJIDs[random.IntN(len(skipJIDs))])
		}
		ends[same(t, wire, own)]++
	}
	if ends[status.OK] < 1000 || ends[status.NotForThisDevice] < 1000 || ends[status.Malformed] < 1000 {
		t.Errorf("they end as %v", ends)
	}
}

// If this failed, a stanza could have more nodes than the limit, or deeper ones, because some of
// them are skipped.
func TestSkippedNodesCount(t *testing.T) {
	to := element("to", "jid", "").withNodes(element("enc", "v", encVersion, "type", "msg", "count", "0").withData([]byte{1}))
	to.attrs[0].written = appendJID(nil, JID{user: "111111111111111", server: "lid", device: 1})
	many := func(n int) []byte {
		destination := node{tag: "destination", content: contentNodes}
		for range n {
			destination.nodes = append(destination.nodes, to)
		}
		return appendStanza(nil, &destination)
	}
	const items = 1 + 1 + 1 + 3 // of a <to>
	for _, n := range []int{1, (maxItems - 1) / items, (maxItems-1)/items + 1} {
		ended := same(t, many(n), []string{"2:2@lid"})
		if fits := 1+n*items <= maxItems; fits != (ended == status.NotForThisDevice) {
			t.Errorf("%d <to> end as %s", n, ended.Name())
		}
	}
	for depth := range maxDepth + 3 {
		root := node{tag: "destination", content: contentNodes, nodes: []node{to}}
		for range depth {
			root = node{tag: "destination", content: contentNodes, nodes: []node{root}}
		}
		same(t, appendStanza(nil, &root), []string{"2:2@lid"})
	}
}

// If this failed, an offer to many would be read as slowly as if each of its <to> were of interest.
func TestUsualOnesAreSkipped(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for i, jid := range skipJIDs {
		j, err := ParseJID(jid)
		if err != nil {
			t.Fatal(err)
		}
		to, err := NewTo(Enc{JID: jid, Type: EncPkmsg, Ciphertext: make([]byte, 1+random.IntN(1000))})
		if err != nil {
			t.Fatal(err)
		}
		wire := appendTo(nil, &to)
		digits := i < len(skipJIDs)-3 // the others are a word of the dictionaries, and no digits
		for _, own := range []ownDevices{{}, {j.address()}, {{user: "9", agent: 1}, {user: "111111111111111", agent: 1, device: 200}}} {
			d := decoder{in: append(wire, 1, 2, 3), unclaimed: 100, own: own}
			mine := len(own) == 1
			if skipped := d.skipTo(3); skipped != (digits && !mine) || skipped != (d.left() == 3) || d.err != nil {
				t.Errorf("%d: %s beside %v: skipped %v, %d bytes are left, %v", i, jid, own, skipped, d.left(), d.err)
			}
		}
	}
}
