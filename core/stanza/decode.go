package stanza

import (
	"bytes"
	"compress/zlib"
	"io"
	"slices"
	"strconv"
	"sync"

	"go.mau.fi/whatsmeow/binary/token"

	"libcallkey/core/status"
)

// decode reads one stanza, all of it.
//
// Errors: MALFORMED; UNSUPPORTED for a flag bit with no meaning yet.
func decode(wire []byte) (*node, error) { return decodeFor(wire, nil) }

// decodeFor is decode, but the result is without the <to> of other devices, unless own is nil: of an
// offer to many devices only one is of interest. Most are skipped (skipTo). Any other is read like the
// rest and not kept.
func decodeFor(wire []byte, own ownDevices) (*node, error) { return new(decoder).decode(wire, own) }

func (d *decoder) decode(wire []byte, own ownDevices) (*node, error) {
	var err error
	if d.in, err = unpack(wire); err != nil {
		return nil, err
	}
	d.items, d.unclaimed, d.own = 1, len(d.in), own
	d.node(&d.root, nil, 1, true)
	if d.err == nil && d.left() != 0 {
		d.fail("the stanza has bytes after its end")
	}
	if d.err != nil {
		return nil, d.err
	}
	return &d.root, nil
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

// A decoder reads in from its place at on. After the first failure every read returns a
// zero value and err has the fault. Memory for a declared length or count is allocated
// only once that many bytes have arrived.
//
// All nodes, attributes and texts of a stanza are in a few allocations.
type decoder struct {
	in        []byte
	at        int
	items     int        // nodes and attributes that are counted so far
	unclaimed int        // bytes of the stanza that no count of nodes or attributes claims yet
	own       ownDevices // nil: the <to> of every device is kept
	root      node
	nodes     arena[node]
	attrs     arena[attr]
	texts     []byte // those that are no words of the dictionaries, one after another
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

// emptied returns the memory of the arena for another use, none if it has become large.
func (a *arena[T]) emptied() arena[T] {
	if cap(a.chunk) > 64 {
		return arena[T]{}
	}
	clear(a.chunk[:cap(a.chunk)]) // the input must not stay alive
	return arena[T]{a.chunk[:0]}
}

// decoders are reused. What is read is lost with release.
var decoders = sync.Pool{New: func() any { return &decoder{texts: make([]byte, 0, usualTextBytes)} }}

// usualTextBytes is enough for the texts of an offer without those of other devices.
const usualTextBytes = 256

func (d *decoder) release() {
	texts := d.texts[:0]
	if cap(texts) > 4*usualTextBytes {
		texts = nil
	}
	*d = decoder{nodes: d.nodes.emptied(), attrs: d.attrs.emptied(), texts: texts}
	decoders.Put(d)
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = status.New(status.Malformed, format, args...)
		d.in, d.at = nil, 0
	}
}

func (d *decoder) cutShort() int {
	d.fail("the stanza is cut short")
	return 0
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
		d.cutShort()
	}
}

// take returns the next n bytes, nil after a failure.
func (d *decoder) take(n int) []byte {
	if n > d.left() {
		d.cutShort()
		return nil
	}
	d.at += n
	return d.in[d.at-n : d.at]
}

// octet returns the next byte as a number.
func (d *decoder) octet() int {
	if d.at < len(d.in) {
		d.at++
		return int(d.in[d.at-1])
	}
	return d.cutShort()
}

// number returns the next n bytes, n at most 4, as an unsigned number. It fits an int:
// a length of 2^31 or more is reduced to one that is still past any end.
func (d *decoder) number(n int) int {
	var v uint32
	for _, b := range d.take(n) {
		v = v<<8 | uint32(b)
	}
	return int(min(v, 1<<31-1))
}

// node reads a node to n, which is zero, and reports whether it is to be kept, like its parent. One
// that is not has no nodes.
func (d *decoder) node(n, parent *node, depth int, keep bool) (kept bool) {
	if depth > maxDepth {
		d.fail("the stanza is nested deeper than %d", maxDepth)
		return false
	}
	size, isList := d.list(d.octet())
	if !isList || size == 0 {
		d.fail("a node does not start with a list")
		return false
	}
	n.tag = d.name()
	attrs := (size - 1) / 2
	d.claim(attrs, minAttrBytes)
	if d.err != nil {
		return false
	}
	n.attrs = d.attrs.slice(min(attrs, maxAttrs))
	for range attrs {
		a := attr{name: d.name()}
		a.value, a.text = d.value()
		if d.err == nil && n.has(a.name) {
			d.fail("a node has the same attribute twice")
		}
		if len(n.attrs) == maxAttrs {
			d.fail("a node has more than %d attributes", maxAttrs)
		}
		if d.err != nil {
			return false
		}
		n.attrs = append(n.attrs, a)
	}
	keep = keep && (d.own == nil || parent == nil || !d.own.lack(parent, n))
	if size%2 == 0 {
		d.content(n, depth, keep)
	}
	return keep
}

func (d *decoder) content(n *node, depth int, keep bool) {
	tag := d.octet()
	if count, isList := d.list(tag); isList {
		n.content = contentNodes
		d.claim(count, minNodeBytes)
		if d.err != nil {
			return
		}
		if keep {
			room := count
			if d.own != nil {
				room = min(count, 8)
			}
			n.nodes = d.nodes.slice(room)
		}
		drops := d.own != nil && keep && n.tag == "destination"
		var child node // out here it is on the stack
		for range count {
			if drops && d.skipTo(depth+1) {
				if d.err != nil {
					return
				}
				continue
			}
			attrs, texts := d.attrs.chunk, len(d.texts)
			child = node{}
			kept := d.node(&child, n, depth+1, keep)
			switch {
			case d.err != nil:
				return
			case kept:
				n.nodes = append(n.nodes, child)
			default:
				d.attrs.reuse(attrs)
				d.texts = d.texts[:texts]
			}
		}
		return
	}
	if b, isBinary := d.binary(tag); isBinary {
		n.content, n.data = contentData, b
		return
	}
	n.content, n.data = contentText, d.spelled(tag)
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
	name, isWord := d.word(tag)
	if !isWord {
		texts := len(d.texts)
		d.spell(tag)
		name = string(d.texts[texts:])
		d.texts = d.texts[:texts]
	}
	if d.err == nil && !isName(name) {
		d.fail("a tag or attribute name is not a name")
	}
	return name
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

// value returns the next text or JID: a word of the dictionaries, or text.
func (d *decoder) value() (word string, text []byte) {
	tag := d.octet()
	if word, ok := d.word(tag); ok {
		return word, nil
	}
	return "", d.spelled(tag)
}

// word returns the word of the dictionaries, or the empty one, that starts with tag.
func (d *decoder) word(tag int) (word string, ok bool) {
	switch {
	case tag < len(token.SingleByteTokens): // the first is empty: tagListEmpty
		return token.SingleByteTokens[tag], true
	case tag <= tagDictionary3:
		word, err := token.GetDoubleToken(tag-tagDictionary0, d.octet())
		if err != nil {
			d.fail("the stanza has an unknown token")
		}
		return word, true
	}
	return "", false
}

// spelled returns the text or JID that starts with tag.
func (d *decoder) spelled(tag int) []byte {
	start := len(d.texts)
	d.spellValue(tag)
	return d.texts[start:len(d.texts):len(d.texts)]
}

// spellValue adds the text or JID that starts with tag to the texts. A JID is text: with
// its device, even 0, if the wire has one, and the server alone if it has no user.
func (d *decoder) spellValue(tag int) {
	start := len(d.texts)
	switch tag {
	case tagJIDPair:
		d.spell(d.octet())
		if len(d.texts) != start {
			d.texts = append(d.texts, '@')
		}
		d.spell(d.octet())
	case tagADJID:
		agent, device := uint8(d.octet()), d.octet()
		d.spell(d.octet())
		server, ok := serverOf(agent)
		if !ok {
			// A domain from the future. It stays visible and never equals an own JID,
			// because ParseJID rejects an agent that is not the server's.
			d.texts = strconv.AppendUint(append(d.texts, '.'), uint64(agent), 10)
			server = domains[0].server
		}
		d.spellDevice(device, server)
	case tagFBJID:
		d.spell(d.octet())
		d.spellDevice(d.number(2), "msgr")
		d.expect("msgr")
	case tagInteropJID:
		d.spell(d.octet())
		device, integrator := d.number(2), d.number(2)
		d.texts = slices.Insert(d.texts, start, append(strconv.AppendInt(nil, int64(integrator), 10), '-')...)
		d.spellDevice(device, "interop")
		d.expect("interop")
	default:
		d.spell(tag)
	}
}

// spellDevice adds a JID's device and server to its user.
func (d *decoder) spellDevice(device int, server string) {
	d.texts = strconv.AppendInt(append(d.texts, ':'), int64(device), 10)
	d.texts = append(append(d.texts, '@'), server...)
}

// expect reads the server at the end of a JID form that allows only this one.
func (d *decoder) expect(server string) {
	start := len(d.texts)
	d.spell(d.octet())
	if string(d.texts[start:]) != server { // public: a stanza is no secret
		d.fail("a jid is not on the server of its form")
	}
	d.texts = d.texts[:start]
}

// spell adds the text that starts with tag to the texts.
func (d *decoder) spell(tag int) {
	if word, ok := d.word(tag); ok {
		d.texts = append(d.texts, word...)
		return
	}
	if b, isBinary := d.binary(tag); isBinary {
		d.texts = append(d.texts, b...)
		return
	}
	switch tag {
	case tagNibble8:
		d.packed(&nibbles)
	case tagHex8:
		d.packed(&hexDigits)
	default:
		d.fail("the stanza has an unknown token")
	}
}

// packed adds the characters of a packed text to the texts, two of each byte.
func (d *decoder) packed(alphabet *[16]byte) {
	header := d.octet()
	b := d.take(header &^ packedOdd)
	start, n := len(d.texts), 2*len(b)
	if header&packedOdd != 0 {
		if n--; n < 0 {
			d.fail("a packed text has no digits")
			return
		}
	}
	for _, c := range b {
		d.texts = append(d.texts, alphabet[c>>4], alphabet[c&15])
	}
	d.texts = d.texts[:start+n]
	if bytes.IndexByte(d.texts[start:], noDigit) >= 0 {
		d.fail("a packed text has a bad digit")
	}
}
