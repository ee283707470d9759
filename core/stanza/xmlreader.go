package stanza

import (
	"encoding/hex"
	"strings"

	"libcallkey/core/status"
)

// MaxXMLBytes is the limit of the XML of a stanza. XML writes less than that for any
// stanza.
const MaxXMLBytes = 1 << 24

// FromXML returns the stanza that XML shows, not compressed: XML gives the same text for
// it. Between nodes there may be other white space; all else must be as XML writes it.
//
// A value that reads as a JID on one of the servers that clients know is written as a JID.
// XML does not show, and so FromXML does not keep: compression, which of the wire's forms
// a text had, whether a node without content had an empty one, and a text that it shows
// as bytes.
//
// Errors: ARGUMENT above MaxXMLBytes; MALFORMED, with the line and column in bytes, also for
// what would be no stanza within the limits of reading.
func FromXML(xml string) ([]byte, error) {
	if len(xml) > MaxXMLBytes {
		return nil, status.New(status.Argument, "xml is longer than %d bytes", MaxXMLBytes)
	}
	r := xmlReader{in: xml}
	r.space()
	root := r.node(1)
	r.space()
	if r.at != len(xml) {
		r.fail(r.at, "text follows the stanza")
	}
	if r.err != nil {
		return nil, r.err
	}
	wire := appendStanza(nil, &root)
	if len(wire) > MaxBytes {
		return nil, status.New(status.Malformed, "xml: the stanza is larger than %d bytes", MaxBytes)
	}
	return wire, nil
}

// An xmlReader reads in from at on. After the first failure it is at the end, and err has
// the fault.
type xmlReader struct {
	in    string
	at    int
	items int // nodes and attributes so far
	err   error
}

// fail tells the place, and nothing of what stands there: it may be a token.
func (r *xmlReader) fail(at int, format string, args ...any) {
	if r.err == nil {
		before := r.in[:at]
		line, column := 1+strings.Count(before, "\n"), at-strings.LastIndexByte(before, '\n')
		where := status.New(status.Malformed, format, args...)
		r.err = status.New(status.Malformed, "xml: line %d, column %d: %s", line, column, where.Error())
		r.at = len(r.in)
	}
}

func (r *xmlReader) rest() string { return r.in[r.at:] }

// space skips white space between nodes.
func (r *xmlReader) space() {
	r.at = len(r.in) - len(strings.TrimLeft(r.rest(), " \t\r\n"))
}

// take reads s, if it comes next.
func (r *xmlReader) take(s string) bool {
	if !strings.HasPrefix(r.rest(), s) {
		return false
	}
	r.at += len(s)
	return true
}

// until reads up to the next c, and leaves it.
func (r *xmlReader) until(c byte) (s string, ok bool) {
	n := strings.IndexByte(r.rest(), c)
	if n < 0 {
		return "", false
	}
	s = r.in[r.at : r.at+n]
	r.at += n
	return s, true
}

func (r *xmlReader) count(at int) {
	if r.items++; r.items > maxItems {
		r.fail(at, "the stanza has more than %d nodes and attributes", maxItems)
	}
}

func (r *xmlReader) name() string {
	start := r.at
	for r.at < len(r.in) && isNameByte(r.in[r.at]) {
		r.at++
	}
	s := r.in[start:r.at]
	if s == "" || len(s) > MaxTextBytes || !isNameStart(s[0]) {
		r.fail(start, "here must be a name of at most %d bytes: a letter or _, then also digits, - and .", MaxTextBytes)
	}
	return s
}

func (r *xmlReader) node(depth int) node {
	start := r.at
	if depth > maxDepth {
		r.fail(start, "the stanza is nested deeper than %d", maxDepth)
	}
	r.count(start)
	if !r.take("<") {
		r.fail(start, "here must be a node: <")
	}
	n := node{tag: r.name()}
	for r.take(" ") {
		if len(n.attrs) == maxAttrs {
			r.fail(r.at, "<%s> has more than %d attributes", n.tag, maxAttrs)
		}
		n.attrs = append(n.attrs, r.attr(&n))
	}
	if r.take("/>") || r.err != nil {
		return n
	}
	if !r.take(">") {
		r.fail(r.at, "<%s> must go on with one space and an attribute, with /> or with >", n.tag)
	}
	r.content(&n, depth)
	if end := "</" + n.tag + ">"; !r.take(end) {
		r.fail(r.at, "here must be %s", end)
	}
	return n
}

func (r *xmlReader) attr(n *node) attr {
	start := r.at
	r.count(start)
	a := attr{name: r.name()}
	if n.has(a.name) {
		r.fail(start, "<%s> has the attribute %s twice", n.tag, a.name)
	}
	if !r.take(`="`) {
		r.fail(r.at, `behind %s must be ="`, a.name)
	}
	start = r.at
	shown, ok := r.until('"')
	if !ok {
		r.fail(start, `the value of %s does not end: no " follows`, a.name)
		return a
	}
	r.at++
	a.value = unescape(shown)
	if len(a.value) >= MaxBytes {
		r.fail(start, "the value of %s is larger than a stanza can be", a.name)
		return a
	}
	var again strings.Builder
	if writeEscaped(&again, a.value); again.String() != shown {
		r.fail(start, "the value of %s is not escaped as callkey_stanza_to_xml does it", a.name)
	}
	a.written = appendValue(nil, a.value)
	return a
}

// content reads the nodes, bytes or text of n, up to its end tag.
func (r *xmlReader) content(n *node, depth int) {
	start := r.at
	r.space()
	if strings.HasPrefix(r.rest(), "<") && !strings.HasPrefix(r.rest(), "</") {
		n.content = contentNodes
		for r.err == nil && !strings.HasPrefix(r.rest(), "</") {
			n.nodes = append(n.nodes, r.node(depth+1))
			r.space()
		}
		return
	}
	if r.err != nil {
		return
	}
	r.at = start
	shown, ok := r.until('<')
	switch {
	case !ok:
		r.fail(start, "<%s> does not end: no </%s> follows", n.tag, n.tag)
		return
	case shown == "":
		r.fail(start, "a node without content must be <%s/>", n.tag)
		return
	}
	if data, err := hex.DecodeString(shown); err == nil && isHex(shown) {
		n.content, n.data = contentData, data
	} else {
		n.content, n.data = contentText, []byte(unescape(shown))
	}
	if len(n.data) >= MaxBytes {
		r.fail(start, "the content of <%s> is larger than a stanza can be", n.tag)
		return
	}
	var again strings.Builder
	if writeContent(&again, n); again.String() != shown {
		r.fail(start, "the content of <%s> is neither bytes in hexadecimal, nor a word of the dictionaries, digits or a JID as callkey_stanza_to_xml writes them", n.tag)
	}
}

// unescape reads what writeEscaped writes, and leaves what is no escape: what is written
// again from it then differs.
func unescape(s string) string {
	var out strings.Builder
	for s != "" {
		n, text := 1, s[:1]
		switch {
		case strings.HasPrefix(s, `\\`):
			n, text = 2, `\`
		case strings.HasPrefix(s, `\x`) && len(s) >= 4:
			if b, err := hex.DecodeString(s[2:4]); err == nil {
				n, text = 4, string(b)
			}
		case s[0] == '&':
			for _, entity := range [][2]string{{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", `"`}} {
				if strings.HasPrefix(s, entity[0]) {
					n, text = len(entity[0]), entity[1]
				}
			}
		}
		out.WriteString(text)
		s = s[n:]
	}
	return out.String()
}
