package stanza

import (
	"testing"

	"go.mau.fi/whatsmeow/binary/token"
)

// The names that an app logs and switches on.
func TestEncTypesByName(t *testing.T) {
	for kind, want := range map[EncType]string{EncNone: "none", EncMsg: "msg", EncPkmsg: "pkmsg", 3: "none"} {
		if got := kind.String(); got != want {
			t.Errorf("%d is %q", kind, got)
		}
	}
}

// Every header of a list is read as it was written, and short ones are short.
func TestListHeaders(t *testing.T) {
	for n, want := range map[int]int{0: 1, 1: 2, 255: 2, 256: 3, 257: 3, 1<<16 - 1: 3} {
		wire := appendList(nil, n)
		d := decoder{in: wire}
		got, ok := d.list(d.octet())
		if len(wire) != want || !ok || got != n || d.err != nil || d.left() != 0 {
			t.Errorf("%d elements: %x, read as %d, %v", n, wire, got, d.err)
		}
	}
}

// A word of a dictionary that does not exist must not be read as another.
func TestWordsOfTheDictionaries(t *testing.T) {
	for d, words := range token.DoubleByteTokens {
		for i := range 256 {
			read := decoder{in: []byte{byte(i)}}
			got := spelled(&read, tagDictionary0+d)
			if i < len(words) && (got != words[i] || read.err != nil) || i >= len(words) && read.err == nil {
				t.Errorf("word %d of dictionary %d is %q, %v", i, d, got, read.err)
			}
		}
	}
	for i := range 256 {
		read := decoder{in: []byte{0, 0, 0, 0, 0, 0}}
		got := spelled(&read, i)
		if i > 0 && i < len(token.SingleByteTokens) && (got != token.SingleByteTokens[i] || read.err != nil || len(read.in) != 6) {
			t.Errorf("word %d is %q, %v", i, got, read.err)
		}
		if known := i < len(token.SingleByteTokens) || i >= tagDictionary0 && i <= tagDictionary3 || i >= tagHex8; known != (read.err == nil) {
			t.Errorf("tag %d is a text: %v", i, read.err)
		}
	}
}

// spelled is the text that starts with tag.
func spelled(d *decoder, tag int) string {
	d.spell(tag)
	return string(d.texts)
}
