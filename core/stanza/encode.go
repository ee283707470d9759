package stanza

import (
	"strings"

	"go.mau.fi/whatsmeow/binary/token"
)

// appendStanza writes an uncompressed stanza. Its nodes come from BuildOffer. The
// limits there keep every count and length within the forms used here.
func appendStanza(dst []byte, root *node) []byte {
	return appendNode(append(dst, 0), root)
}

func appendNode(dst []byte, n *node) []byte {
	if n.written != nil {
		return append(dst, n.written...)
	}
	size := 1 + 2*len(n.attrs)
	if n.content != contentNone {
		size++
	}
	dst = appendList(dst, size)
	dst = appendText(dst, n.tag)
	for _, a := range n.attrs {
		dst = appendText(dst, a.name)
		if a.jid != (JID{}) {
			dst = appendJID(dst, a.jid)
		} else {
			dst = appendText(dst, a.value)
		}
	}
	switch n.content {
	case contentNodes:
		dst = appendList(dst, len(n.nodes))
		for i := range n.nodes {
			dst = appendNode(dst, &n.nodes[i])
		}
	case contentTos:
		dst = appendList(dst, len(n.tos))
		for i := range n.tos {
			dst = append(dst, n.tos[i].wire...)
		}
	case contentData:
		dst = appendBinary(dst, n.data)
	}
	return dst
}

// appendList writes a list header; n is below 2^16.
func appendList(dst []byte, n int) []byte {
	switch {
	case n == 0:
		return append(dst, tagListEmpty)
	case n < 1<<8:
		return append(dst, tagList8, byte(n))
	}
	return append(dst, tagList16, byte(n>>8), byte(n))
}

// appendText writes s in the only form that this encoder uses for it: a single-byte
// token, a double-byte token, packed digits, packed upper-case hex, else bytes.
func appendText(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, tagBinary8, 0)
	}
	if i, ok := token.IndexOfSingleToken(s); ok {
		return append(dst, i)
	}
	if dict, i, ok := token.IndexOfDoubleByteToken(s); ok {
		return append(dst, tagDictionary0+dict, i)
	}
	if len(s) <= packedMax {
		if consistsOf(s, isNibble) {
			return appendPacked(dst, tagNibble8, nibbles, s)
		}
		if consistsOf(s, isHexDigit) {
			return appendPacked(dst, tagHex8, hexDigits, s)
		}
	}
	return appendBinary(dst, []byte(s))
}

func isNibble(c byte) bool   { return strings.IndexByte(nibbles, c) >= 0 }
func isHexDigit(c byte) bool { return strings.IndexByte(hexDigits, c) >= 0 }

// appendPacked writes two characters per byte, the first in the high half.
func appendPacked(dst []byte, tag byte, alphabet, s string) []byte {
	header := byte((len(s) + 1) / 2)
	if len(s)%2 == 1 {
		header |= packedOdd
	}
	dst = append(dst, tag, header)
	for i := 0; i < len(s); i += 2 {
		low := 15
		if i+1 < len(s) {
			low = strings.IndexByte(alphabet, s[i+1])
		}
		dst = append(dst, byte(strings.IndexByte(alphabet, s[i])<<4|low))
	}
	return dst
}

// appendBinary writes b, shorter than 2^20 bytes.
func appendBinary(dst, b []byte) []byte {
	if n := len(b); n < 1<<8 {
		dst = append(dst, tagBinary8, byte(n))
	} else {
		dst = append(dst, tagBinary20, byte(n>>16), byte(n>>8), byte(n))
	}
	return append(dst, b...)
}

// appendJID writes device 0, and a user, group or call, as a JID_PAIR without a device, and
// any other device as an AD_JID. All clients do; an AD_JID of device 0 is another text to
// them, and a key under it is for nobody.
func appendJID(dst []byte, j JID) []byte {
	if j.device != 0 {
		agent, _ := agentOf(j.server)
		return appendText(append(dst, tagADJID, agent, j.device), j.user)
	}
	return appendText(appendText(append(dst, tagJIDPair), j.user), j.server)
}
