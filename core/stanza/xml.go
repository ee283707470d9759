package stanza

import (
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

// XML returns the stanza for a person: one node per line, indented by two spaces,
// attributes in the order of the wire, bytes as lower-case hex.
//
// It is well-formed XML 1.0 for any stanza, and safe on a terminal: a backslash is
// doubled, and every byte of characters that do not print (control and formatting
// characters, invalid UTF-8) becomes \xNN. FromXML reads it back.
//
// A content that is text has its first character as \xNN if it could be taken for
// hexadecimal. One that the wire can only hold in a form that no client writes (see
// appendWord) is shown as bytes.
//
// Ciphertexts, tokens and the device identity appear in full.
//
// Errors: MALFORMED, UNSUPPORTED (unknown flag).
func XML(wire []byte) (string, error) {
	root, err := decode(wire)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	writeXML(&out, root, 0)
	return out.String(), nil
}

func writeXML(out *strings.Builder, n *node, depth int) {
	indent := func() {
		for range depth {
			out.WriteString("  ")
		}
	}
	indent()
	out.WriteString("<" + n.tag)
	for i := range n.attrs {
		a := &n.attrs[i]
		out.WriteString(" " + a.name + `="`)
		writeEscaped(out, a.shown())
		out.WriteString(`"`)
	}
	switch {
	case len(n.nodes) != 0:
		out.WriteString(">\n")
		for i := range n.nodes {
			writeXML(out, &n.nodes[i], depth+1)
		}
		indent()
	case len(n.data) == 0:
		out.WriteString("/>\n")
		return
	default:
		out.WriteString(">")
		writeContent(out, n)
	}
	out.WriteString("</" + n.tag + ">\n")
}

// writeContent writes the bytes or text of a node, which is not empty.
func writeContent(out *strings.Builder, n *node) {
	s := string(n.data)
	_, isWord := appendWord(nil, s)
	switch {
	case n.content == contentData || !isWord:
		out.WriteString(hex.EncodeToString(n.data))
	case isHex(s):
		writeByte(out, s[0])
		out.WriteString(s[1:])
	default:
		writeEscaped(out, s)
	}
}

// isHex reports whether s is the hexadecimal of some bytes, as XML writes it.
func isHex(s string) bool {
	return len(s)%2 == 0 && consistsOf(s, func(c byte) bool { return strings.IndexByte(digits, c) >= 0 })
}

const digits = "0123456789abcdef"

func writeByte(out *strings.Builder, b byte) {
	out.WriteString(`\x`)
	out.WriteByte(digits[b>>4])
	out.WriteByte(digits[b&15])
}

func writeEscaped(out *strings.Builder, s string) {
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1, !unicode.IsPrint(r):
			for i := range size {
				writeByte(out, s[i])
			}
		case r == '\\':
			out.WriteString(`\\`)
		case r == '&':
			out.WriteString("&amp;")
		case r == '<':
			out.WriteString("&lt;")
		case r == '>':
			out.WriteString("&gt;")
		case r == '"':
			out.WriteString("&quot;")
		default:
			out.WriteString(s[:size])
		}
		s = s[size:]
	}
}
