package stanza

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"strconv"
	"strings"

	"go.mau.fi/whatsmeow/binary/token"

	"libcallkey/core/status"
)

// decode reads one stanza, all of it.
//
// Errors: MALFORMED; UNSUPPORTED for a flag bit with no meaning yet.
func decode(wire []byte) (*node, error) {
	body, err := unpack(wire)
	if err != nil {
		return nil, err
	}
	d := decoder{in: body}
	root := d.node(1)
	if d.err == nil && len(d.in) != 0 {
		d.fail("the stanza has bytes after its end")
	}
	if d.err != nil {
		return nil, d.err
	}
	return &root, nil
}

// unpack removes the flag byte and inflates at most MaxBytes.
func unpack(wire []byte) ([]byte, error) {
	if len(wire) == 0 {
		return nil, status.New(status.Malformed, "the stanza is empty")
	}
	if len(wire) > MaxBytes {
		return nil, status.New(status.Malformed, "the stanza is larger than %d bytes", MaxBytes)
	}
	flags, body := wire[0], wire[1:]
	if flags&^flagCompressed != 0 {
		return nil, status.New(status.Unsupported, "the stanza has unknown flags")
	}
	if flags&flagCompressed == 0 {
		return body, nil
	}
	in := bytes.NewReader(body)
	z, err := zlib.NewReader(in)
	if err != nil {
		return nil, status.New(status.Malformed, "the compressed stanza has no zlib header")
	}
	out, err := io.ReadAll(io.LimitReader(z, MaxBytes+1))
	switch {
	case err != nil:
		return nil, status.New(status.Malformed, "the compressed stanza is damaged")
	case len(out) > MaxBytes:
		return nil, status.New(status.Malformed, "the stanza inflates to more than %d bytes", MaxBytes)
	case in.Len() != 0:
		return nil, status.New(status.Malformed, "the compressed stanza has bytes after its end")
	}
	return out, nil
}

// A decoder reads from the front of in. After the first failure every read returns a
// zero value and err has the fault. Memory for a declared length or count is allocated
// only once that many bytes have arrived.
type decoder struct {
	in    []byte
	items int // nodes and attributes so far
	err   error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = status.New(status.Malformed, format, args...)
		d.in = nil
	}
}

func (d *decoder) count() {
	if d.items++; d.items > maxItems {
		d.fail("the stanza has more than %d nodes and attributes", maxItems)
	}
}

// take returns the next n bytes, nil after a failure.
func (d *decoder) take(n int) []byte {
	if n > len(d.in) {
		d.fail("the stanza is cut short")
		return nil
	}
	b := d.in[:n]
	d.in = d.in[n:]
	return b
}

// number returns the next n bytes, n at most 4, as an unsigned number. It fits an int:
// a length of 2^31 or more is reduced to one that is still past any end.
func (d *decoder) number(n int) int {
	var be [4]byte
	copy(be[4-n:], d.take(n))
	return int(min(binary.BigEndian.Uint32(be[:]), 1<<31-1))
}

func (d *decoder) node(depth int) node {
	if depth > maxDepth {
		d.fail("the stanza is nested deeper than %d", maxDepth)
		return node{}
	}
	d.count()
	size, isList := d.list(d.number(1))
	if !isList || size == 0 {
		d.fail("a node does not start with a list")
		return node{}
	}
	n := node{tag: d.name()}
	for range (size - 1) / 2 {
		d.count()
		a := attr{name: d.name()}
		a.value = d.value(d.number(1))
		if d.err == nil && n.has(a.name) {
			d.fail("a node has the same attribute twice")
		}
		if len(n.attrs) == maxAttrs {
			d.fail("a node has more than %d attributes", maxAttrs)
		}
		if d.err != nil {
			return node{}
		}
		n.attrs = append(n.attrs, a)
	}
	if size%2 == 0 {
		d.content(&n, depth)
	}
	return n
}

func (d *decoder) content(n *node, depth int) {
	tag := d.number(1)
	if count, isList := d.list(tag); isList {
		n.content = contentNodes
		for range count {
			child := d.node(depth + 1)
			if d.err != nil {
				return
			}
			n.nodes = append(n.nodes, child)
		}
		return
	}
	if b, isBinary := d.binary(tag); isBinary {
		n.content, n.data = contentData, b
		return
	}
	n.content, n.data = contentText, []byte(d.value(tag))
}

// list returns the length of the list that starts with tag.
func (d *decoder) list(tag int) (n int, ok bool) {
	switch tag {
	case tagListEmpty:
		return 0, d.err == nil
	case tagList8:
		return d.number(1), true
	case tagList16:
		return d.number(2), true
	}
	return 0, false
}

// binary returns the bytes that start with tag.
func (d *decoder) binary(tag int) (b []byte, ok bool) {
	switch tag {
	case tagBinary8:
		return d.take(d.number(1)), true
	case tagBinary20:
		return d.take(d.number(3) & (1<<20 - 1)), true
	case tagBinary32:
		return d.take(d.number(4)), true
	}
	return nil, false
}

// name returns a tag or the name of an attribute. Real ones are all short ASCII words;
// anything else is rejected, so that the XML view is always well-formed.
func (d *decoder) name() string {
	s := d.text(d.number(1))
	if d.err == nil && (len(s) > MaxTextBytes || !consistsOf(s, isNameByte) || !isNameStart(s[0])) {
		d.fail("a tag or attribute name is not a name")
	}
	return s
}

func isNameStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}

func isNameByte(c byte) bool {
	return isNameStart(c) || '0' <= c && c <= '9' || c == '-' || c == '.'
}

// value returns the text or JID that starts with tag. A JID is returned as text: with
// its device, even 0, if the wire has one, and as the server alone if it has no user.
func (d *decoder) value(tag int) string {
	switch tag {
	case tagJIDPair:
		user := d.text(d.number(1))
		server := d.text(d.number(1))
		if user == "" {
			return server
		}
		return user + "@" + server
	case tagADJID:
		agent, device := uint8(d.number(1)), d.number(1)
		user := d.text(d.number(1))
		server, ok := serverOf(agent)
		if !ok {
			// A domain from the future. It stays visible and never equals an own JID,
			// because ParseJID rejects an agent that is not the server's.
			user, server = user+"."+strconv.Itoa(int(agent)), domains[0].server
		}
		return user + ":" + strconv.Itoa(device) + "@" + server
	case tagFBJID:
		user, device := d.text(d.number(1)), d.number(2)
		return user + ":" + strconv.Itoa(device) + "@" + d.server("msgr")
	case tagInteropJID:
		user, device, integrator := d.text(d.number(1)), d.number(2), d.number(2)
		return strconv.Itoa(integrator) + "-" + user + ":" + strconv.Itoa(device) + "@" + d.server("interop")
	}
	return d.text(tag)
}

// server reads the server at the end of a JID form that allows only this one.
func (d *decoder) server(want string) string {
	if d.text(d.number(1)) != want {
		d.fail("a jid is not on the server of its form")
	}
	return want
}

// text returns the text that starts with tag.
func (d *decoder) text(tag int) string {
	if d.err != nil {
		return ""
	}
	if b, isBinary := d.binary(tag); isBinary {
		return string(b)
	}
	switch {
	case tag == tagListEmpty:
		return ""
	case tag == tagNibble8:
		return d.packed(nibbles)
	case tag == tagHex8:
		return d.packed(hexDigits)
	case tag >= tagDictionary0 && tag <= tagDictionary3:
		s, err := token.GetDoubleToken(tag-tagDictionary0, d.number(1))
		if err != nil {
			d.fail("the stanza has an unknown token")
		}
		return s
	case tag < len(token.SingleByteTokens):
		return token.SingleByteTokens[tag]
	}
	d.fail("the stanza has an unknown token")
	return ""
}

func (d *decoder) packed(alphabet string) string {
	header := d.number(1)
	b := d.take(header &^ packedOdd)
	n := 2 * len(b)
	if header&packedOdd != 0 {
		if n--; n < 0 {
			d.fail("a packed text has no digits")
			return ""
		}
	}
	var s strings.Builder
	for i := range n {
		half := b[i/2] >> 4
		if i%2 == 1 {
			half = b[i/2] & 15
		}
		if int(half) >= len(alphabet) {
			d.fail("a packed text has a bad digit")
			return ""
		}
		s.WriteByte(alphabet[half])
	}
	return s.String()
}
