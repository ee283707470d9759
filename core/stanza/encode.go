package stanza

import (
	"encoding/binary"
	"slices"
	"strings"

	"go.mau.fi/whatsmeow/binary/token"
)

// appendStanza writes an uncompressed stanza. Its nodes come from FromXML.
// The limits there keep every count and length within the forms used here.
func appendStanza(dst []byte, root *node) []byte {
	return appendNode(append(dst, 0), root)
}

func appendNode(dst []byte, n *node) []byte {
	size := 1 + 2*len(n.attrs)
	if n.content != contentNone {
		size++
	}
	dst = appendList(dst, size)
	dst = appendText(dst, n.tag)
	for _, a := range n.attrs {
		dst = appendText(dst, a.name)
		switch {
		case a.written != nil:
			dst = append(dst, a.written...)
		default:
			dst = appendText(dst, a.value)
		}
	}
	switch n.content {
	case contentNodes:
		dst = appendList(dst, len(n.nodes))
		for i := range n.nodes {
			dst = appendNode(dst, &n.nodes[i])
		}
	case contentData:
		dst = appendBinary(dst, n.data)
	case contentText:
		dst, _ = appendWord(dst, string(n.data))
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
	packed := packedForm(s)
	if packed == 0 || len(s) <= longestPacked {
		if i, ok := token.IndexOfSingleToken(s); ok {
			return append(dst, i)
		}
		if dict, i, ok := token.IndexOfDoubleByteToken(s); ok {
			return append(dst, tagDictionary0+dict, i)
		}
	}
	if packed != 0 && len(s) <= packedMax {
		return appendPacked(dst, packed, s)
	}
	return appendBinary(dst, s)
}

// longestPacked is the length of the longest word of the dictionaries that has a packed form.
var longestPacked = func() (longest int) {
	add := func(word string) {
		if packedForm(word) != 0 {
			longest = max(longest, len(word))
		}
	}
	for _, word := range token.SingleByteTokens {
		add(word)
	}
	for _, words := range token.DoubleByteTokens {
		for _, word := range words {
			add(word)
		}
	}
	return longest
}()

// appendWord writes a text that is the content of a node, if the wire has a form for it
// that bytes do not have: a token, packed characters, or a JID. A client writes any other
// text as bytes, and a reader does not know it from them.
func appendWord(dst []byte, s string) (wire []byte, ok bool) {
	if jid, ok := appendAnyJID(dst, s); ok {
		return jid, true
	}
	if packedMax < len(s) && len(s) <= 2*packedMax {
		if packed := packedForm(s); packed != 0 {
			return appendPacked(dst, packed, s), true
		}
	}
	wire = appendText(dst, s)
	if tag := wire[len(dst)]; tag == tagBinary8 || tag == tagBinary20 {
		return dst, false
	}
	return wire, true
}

// appendValue writes the value of an attribute that a JID is not told from: what reads as
// one is written as one, because clients take no other form for it.
func appendValue(dst []byte, s string) []byte {
	if wire, ok := appendAnyJID(dst, s); ok {
		return wire
	}
	return appendText(dst, s)
}

// appendAnyJID writes a JID of any server that clients know, device or not, in the form from
// which value reads exactly s.
func appendAnyJID(dst []byte, s string) (wire []byte, ok bool) {
	user, server, ok := strings.Cut(s, "@")
	if !ok && loneServers[s] {
		return appendText(append(dst, tagJIDPair, tagListEmpty), s), true
	}
	if !ok || !isJIDServer(server) || !consistsOf(user, isJIDByte) {
		return dst, false
	}
	name, number, _ := strings.Cut(user, ":")
	switch agent, hasDevices := agentOf(server); {
	case hasDevices && server != "c.us": // an AD_JID has no spelling for it
		if device, ok := parseByte(number); ok {
			if server == domains[0].server {
				name, agent = foreignAgent(name)
			}
			return appendText(append(dst, tagADJID, agent, device), name), true
		}
	case server == "msgr":
		if device, ok := parseNumber(number, 16); ok {
			return appendText(binary.BigEndian.AppendUint16(appendText(append(dst, tagFBJID), name), uint16(device)), server), true
		}
	case server == "interop":
		before, name, found := strings.Cut(name, "-")
		integrator, isNumber := parseNumber(before, 16)
		if device, ok := parseNumber(number, 16); ok && isNumber && found {
			dst = appendText(append(dst, tagInteropJID), name)
			dst = binary.BigEndian.AppendUint16(dst, uint16(device))
			return appendText(binary.BigEndian.AppendUint16(dst, uint16(integrator)), server), true
		}
	}
	return appendText(appendText(append(dst, tagJIDPair), user), server), true
}

// foreignAgent splits the text that value gives the user of an AD_JID of a domain from the
// future.
func foreignAgent(user string) (name string, agent uint8) {
	name, number, _ := strings.Cut(user, ".")
	n, ok := parseByte(number)
	if _, known := serverOf(n); !ok || known {
		return user, 0
	}
	return name, n
}

// serversWithoutDevices are the servers that clients know besides the domains.
var serversWithoutDevices = []string{"g.us", "broadcast", "call", "newsletter", "bot", "msgr", "interop"}

// loneServers are the addresses of the servers themselves. The other servers' names are also
// words of their own, e.g. addressing_mode="lid".
var loneServers = map[string]bool{"s.whatsapp.net": true, "g.us": true}

func isJIDServer(s string) bool {
	_, hasDevices := agentOf(s)
	return hasDevices || slices.Contains(serversWithoutDevices, s)
}

func isJIDByte(c byte) bool {
	return isUserByte(c) || c == '.' || c == '_' || c == ':'
}

// packedForm returns the tag of the packed form that has all characters of s, 0 if none has.
func packedForm(s string) byte {
	inBoth := byte(inNibbles | inHexDigits)
	for i := range len(s) {
		inBoth &= packs[s[i]]
	}
	switch {
	case s == "":
		return 0
	case inBoth&inNibbles != 0:
		return tagNibble8
	case inBoth&inHexDigits != 0:
		return tagHex8
	}
	return 0
}

const inNibbles, inHexDigits = 1, 2

// packs tells of each byte which packed forms have it.
var packs = func() (in [256]byte) {
	for c := range in {
		digit := '0' <= c && c <= '9'
		if digit || c == '-' || c == '.' {
			in[c] |= inNibbles
		}
		if digit || 'A' <= c && c <= 'F' {
			in[c] |= inHexDigits
		}
	}
	return in
}()

// appendPacked writes two characters per byte, the first in the high half.
func appendPacked(dst []byte, tag byte, s string) []byte {
	header := byte((len(s) + 1) / 2)
	if len(s)%2 == 1 {
		header |= packedOdd
	}
	dst = append(dst, tag, header)
	for ; len(s) >= 2; s = s[2:] {
		dst = append(dst, packedHalves[s[0]]<<4|packedHalves[s[1]])
	}
	if s != "" {
		dst = append(dst, packedHalves[s[0]]<<4|15)
	}
	return dst
}

// packedHalves has the place of each character in nibbles or hexDigits, which agree where both have it.
var packedHalves = func() (half [256]byte) {
	for _, alphabet := range [][16]byte{nibbles, hexDigits} {
		for i, c := range alphabet {
			half[c] = byte(i)
		}
	}
	return half
}()

// appendBinary writes b, shorter than 2^20 bytes.
func appendBinary[T string | []byte](dst []byte, b T) []byte {
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
	return appendServer(appendText(append(dst, tagJIDPair), j.user), j.server)
}

// appendServer is appendText for a server.
func appendServer(dst []byte, server string) []byte {
	for i := range domains {
		if domains[i].server == server {
			return append(dst, serverTexts[i]...)
		}
	}
	return appendText(dst, server)
}
