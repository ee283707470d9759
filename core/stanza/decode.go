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
func decode(wire []byte) (*node, error) { return decodeWithout(wire, nil) }

// decodeWithout is decode, but the result is without the nodes for which drop is true. What is
// dropped is read like the rest, and its memory serves for the next node: of an offer to many
// devices only one <to> is of interest.
func decodeWithout(wire []byte, drop func(parent, child *node) bool) (*node, error) {
	body, err := unpack(wire)
	if err != nil {
		return nil, err
	}
	d := decoder{in: body, items: 1, unclaimed: len(body), drop: drop}
	d.texts.Grow(min(len(body)/textShare, 4096))
	var root node
	d.node(&root, 1)
	if d.err == nil && d.left() != 0 {
		d.fail("the stanza has bytes after its end")
	}
	if d.err != nil {
		return nil, d.err
	}
	return &root, nil
}

// textShare is the usual share of a stanza's texts: an eighth, beside the ciphertexts.
const textShare = 8

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

// A decoder reads in from its place at on. After the first failure every read returns a
// zero value and err has the fault. Memory for a declared length or count is allocated
// only once that many bytes have arrived.
//
// All nodes, attributes and texts of a stanza are in a few allocations.
type decoder struct {
	in        []byte
	at        int
	items     int                            // nodes and attributes that are counted so far
	unclaimed int                            // bytes of the stanza that no count of nodes or attributes claims yet
	drop      func(parent, child *node) bool // nil: none
	nodes     arena[node]
	attrs     arena[attr]
	texts     strings.Builder // those that are no words of the dictionaries, one after another
	err       error
}

// An arena has the memory for many small slices.
type arena[T any] struct{ chunk []T }

// slice returns an empty slice with capacity n.
func (a *arena[T]) slice(n int) []T {
	if n > cap(a.chunk)-len(a.chunk) {
		a.chunk = make([]T, 0, max(n, min(2*cap(a.chunk), 256), 8))
	}
	start := len(a.chunk)
	a.chunk = a.chunk[:start+n]
	return a.chunk[start:start:len(a.chunk)]
}

// reuse takes back all slices since the chunk was this one.
func (a *arena[T]) reuse(chunk []T) {
	if cap(a.chunk) != cap(chunk) { // a larger one since, which holds nothing older
		chunk = a.chunk[:0]
	}
	a.chunk = chunk
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = status.New(status.Malformed, format, args...)
		d.in, d.at = nil, 0
	}
}

// left returns how many bytes are not read.
func (d *decoder) left() int { return len(d.in) - d.at }

// The least that a node (list header, tag) and an attribute take.
const minNodeBytes, minAttrBytes = 3, 2

// claim fails if a count of n nodes or attributes of at least that many bytes, and the counts
// before, are together more than the stanza can or may have: memory is made for them at once.
func (d *decoder) claim(n, bytes int) {
	if d.items += n; d.items > maxItems {
		d.fail("the stanza has more than %d nodes and attributes", maxItems)
	}
	if d.unclaimed -= n * bytes; d.unclaimed < 0 {
		d.fail("the stanza is cut short")
	}
}

// keep keeps a text, given in parts.
func (d *decoder) keep(parts ...string) string {
	start := d.texts.Len()
	for _, p := range parts {
		d.texts.WriteString(p)
	}
	return d.texts.String()[start:]
}

// take returns the next n bytes, nil after a failure.
func (d *decoder) take(n int) []byte {
	if n > d.left() {
		d.fail("the stanza is cut short")
		return nil
	}
	d.at += n
	return d.in[d.at-n : d.at]
}

// octet returns the next byte as a number.
func (d *decoder) octet() int {
	if d.at >= len(d.in) {
		d.fail("the stanza is cut short")
		return 0
	}
	d.at++
	return int(d.in[d.at-1])
}

// number returns the next n bytes, n at most 4, as an unsigned number. It fits an int:
// a length of 2^31 or more is reduced to one that is still past any end.
func (d *decoder) number(n int) int {
	var be [4]byte
	copy(be[4-n:], d.take(n))
	return int(min(binary.BigEndian.Uint32(be[:]), 1<<31-1))
}

// node reads a node to n, which is zero.
func (d *decoder) node(n *node, depth int) {
	if depth > maxDepth {
		d.fail("the stanza is nested deeper than %d", maxDepth)
		return
	}
	size, isList := d.list(d.octet())
	if !isList || size == 0 {
		d.fail("a node does not start with a list")
		return
	}
	n.tag = d.name()
	attrs := (size - 1) / 2
	d.claim(attrs, minAttrBytes)
	if d.err != nil {
		return
	}
	n.attrs = d.attrs.slice(min(attrs, maxAttrs))
	for range attrs {
		a := attr{name: d.name()}
		a.value = d.value(d.octet())
		if d.err == nil && n.has(a.name) {
			d.fail("a node has the same attribute twice")
		}
		if len(n.attrs) == maxAttrs {
			d.fail("a node has more than %d attributes", maxAttrs)
		}
		if d.err != nil {
			return
		}
		n.attrs = append(n.attrs, a)
	}
	if size%2 == 0 {
		d.content(n, depth)
	}
}

func (d *decoder) content(n *node, depth int) {
	tag := d.octet()
	if count, isList := d.list(tag); isList {
		n.content = contentNodes
		d.claim(count, minNodeBytes)
		if d.err != nil {
			return
		}
		room := count
		if d.drop != nil {
			room = min(count, 8)
		}
		n.nodes = d.nodes.slice(room)
		for range count {
			nodes, attrs := d.nodes.chunk, d.attrs.chunk
			n.nodes = append(n.nodes, node{})
			last := len(n.nodes) - 1
			if d.node(&n.nodes[last], depth+1); d.err != nil {
				return
			}
			if d.drop != nil && d.drop(n, &n.nodes[last]) {
				n.nodes = n.nodes[:last]
				d.nodes.reuse(nodes)
				d.attrs.reuse(attrs)
			}
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
		return d.octet(), true
	case tagList16:
		return d.number(2), true
	}
	return 0, false
}

// binary returns the bytes that start with tag.
func (d *decoder) binary(tag int) (b []byte, ok bool) {
	switch tag {
	case tagBinary8:
		return d.take(d.octet()), true
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
	tag := d.octet()
	if tag < len(nameWords) && nameWords[tag] {
		return token.SingleByteTokens[tag]
	}
	s := d.text(tag)
	if d.err == nil && !isName(s) {
		d.fail("a tag or attribute name is not a name")
	}
	return s
}

func isName(s string) bool {
	return len(s) <= MaxTextBytes && consistsOf(s, isNameByte) && isNameStart(s[0])
}

// nameWords are the single-byte words that are names.
var nameWords = func() (is [len(token.SingleByteTokens)]bool) {
	for i, word := range token.SingleByteTokens {
		is[i] = isName(word)
	}
	return is
}()

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
		user := d.text(d.octet())
		server := d.text(d.octet())
		if user == "" {
			return server
		}
		return d.keep(user, "@", server)
	case tagADJID:
		agent, device := uint8(d.octet()), d.octet()
		user := d.text(d.octet())
		server, ok := serverOf(agent)
		if !ok {
			// A domain from the future. It stays visible and never equals an own JID,
			// because ParseJID rejects an agent that is not the server's.
			user, server = user+"."+strconv.Itoa(int(agent)), domains[0].server
		}
		return d.keep(user, ":", strconv.Itoa(device), "@", server)
	case tagFBJID:
		user, device := d.text(d.octet()), d.number(2)
		return d.keep(user, ":", strconv.Itoa(device), "@", d.server("msgr"))
	case tagInteropJID:
		user, device, integrator := d.text(d.octet()), d.number(2), d.number(2)
		return d.keep(strconv.Itoa(integrator), "-", user, ":", strconv.Itoa(device), "@", d.server("interop"))
	}
	return d.text(tag)
}

// server reads the server at the end of a JID form that allows only this one.
func (d *decoder) server(want string) string {
	if d.text(d.octet()) != want {
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
		start := d.texts.Len()
		d.texts.Write(b)
		return d.texts.String()[start:]
	}
	switch {
	case tag == tagListEmpty:
		return ""
	case tag == tagNibble8:
		return d.packed(nibbles)
	case tag == tagHex8:
		return d.packed(hexDigits)
	case tag >= tagDictionary0 && tag <= tagDictionary3:
		s, err := token.GetDoubleToken(tag-tagDictionary0, d.octet())
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
	header := d.octet()
	b := d.take(header &^ packedOdd)
	n := 2 * len(b)
	if header&packedOdd != 0 {
		if n--; n < 0 {
			d.fail("a packed text has no digits")
			return ""
		}
	}
	var digits [2 * (packedOdd - 1)]byte
	for i := range n {
		half := b[i/2] >> 4
		if i%2 == 1 {
			half = b[i/2] & 15
		}
		if int(half) >= len(alphabet) {
			d.fail("a packed text has a bad digit")
			return ""
		}
		digits[i] = alphabet[half]
	}
	start := d.texts.Len()
	d.texts.Write(digits[:n])
	return d.texts.String()[start:]
}
