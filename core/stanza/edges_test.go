package stanza

import (
	"bytes"
	"compress/zlib"
	"strings"
	"testing"

	"libcallkey/core/status"
)

// ofSize is a body of n bytes: a node with data.
func ofSize(n int) []byte {
	head := []byte{tagList8, 2, tagBinary8, 1, 'a', tagBinary32, 0, 0, 0, 0}
	size := n - len(head)
	copy(head[6:], []byte{byte(size >> 24), byte(size >> 16), byte(size >> 8), byte(size)})
	return append(head, make([]byte, size)...)
}

// A stanza may be as large as the contract says, compressed or not, and not larger.
func TestLargestStanzas(t *testing.T) {
	for n, want := range map[int]status.Code{MaxBytes - 1: status.OK, MaxBytes: status.OK, MaxBytes + 1: status.Malformed} {
		var packed bytes.Buffer
		packed.WriteByte(flagCompressed)
		z := zlib.NewWriter(&packed)
		z.Write(ofSize(n))
		z.Close()
		if _, err := decode(packed.Bytes()); status.Of(err) != want {
			t.Errorf("one that inflates to %d bytes: %v", n, err)
		}
		if _, err := decode(append([]byte{0}, ofSize(n-1)...)); status.Of(err) != want {
			t.Errorf("one of %d bytes: %v", n, err)
		}
	}
}

// A name with another character would make the view as XML another document.
func TestNames(t *testing.T) {
	named := func(name string) error {
		_, err := decode(append([]byte{0, tagList8, 1, tagBinary8, byte(len(name))}, name...))
		return err
	}
	for c := range 256 {
		b := byte(c)
		letter := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_'
		inside := letter || b >= '0' && b <= '9' || b == '-' || b == '.'
		if err := named(string([]byte{b, 'x'})); (err == nil) != letter {
			t.Errorf("a name that begins with %q: %v", b, err)
		}
		if err := named(string([]byte{'x', b})); (err == nil) != inside {
			t.Errorf("a name that ends with %q: %v", b, err)
		}
	}
	for n, want := range map[int]bool{0: false, 1: true, 127: true, 128: false} {
		if err := named(strings.Repeat("x", n)); (err == nil) != want {
			t.Errorf("a name of %d characters: %v", n, err)
		}
	}
}

// Each text has one form, so that the same offer has the same bytes from every version.
func TestFormsOfTexts(t *testing.T) {
	for _, c := range []struct {
		text string
		tag  byte
		size int
	}{
		{strings.Repeat("1", 126), tagNibble8, 2 + 63},
		{strings.Repeat("1", 127), tagNibble8, 2 + 64},
		{strings.Repeat("1", 128), tagBinary8, 2 + 128},
		{strings.Repeat("A", 127), tagHex8, 2 + 64},
		{strings.Repeat("A", 128), tagBinary8, 2 + 128},
		{"01234567.89-", tagNibble8, 2 + 6},
		{"01234567.89-A", tagBinary8, 2 + 13},
		{"0123456789ABCDEF", tagHex8, 2 + 8},
		{"0123456789ABCDEFa", tagBinary8, 2 + 17},
		{"", tagBinary8, 2},
		{strings.Repeat("z", 255), tagBinary8, 2 + 255},
		{strings.Repeat("z", 256), tagBinary20, 4 + 256},
	} {
		wire := appendText(nil, c.text)
		if wire[0] != c.tag || len(wire) != c.size {
			t.Errorf("%d characters %.20q: tag %d and %d bytes, want %d and %d", len(c.text), c.text, wire[0], len(wire), c.tag, c.size)
		}
		d := decoder{in: wire}
		if got := spelled(&d, d.octet()); got != c.text || d.err != nil || d.left() != 0 {
			t.Errorf("%.20q is read as %.20q, %v", c.text, got, d.err)
		}
	}
}
