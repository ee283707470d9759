package stanza

// The wire, from the bottom up. A number is big-endian.
//
//	stanza  flag byte, node
//	node    list header n, tag, (n-1)/2 × (name, value), [content if n is even]
//	list    LIST_EMPTY | LIST_8 u8 | LIST_16 u16
//	text    token | DICTIONARY_d u8 | BINARY_8 u8 … | BINARY_20 u24 … | BINARY_32 u32 …
//	        | NIBBLE_8 header … | HEX_8 header … | LIST_EMPTY (the empty text)
//	jid     JID_PAIR user server | AD_JID agent device user
//	        | FB_JID user u16 server | INTEROP_JID user u16 u16 server
//	value   text | jid
//	content list of nodes | value
//
// Tokens 1..235 and the four dictionaries are WhatsApp's own word lists. The packed
// header is the number of bytes, with bit 7 set when the last half is unused. Of a
// BINARY_20 length only the low 20 bits count.
const (
	tagListEmpty   = 0
	tagDictionary0 = 236
	tagDictionary3 = 239
	tagInteropJID  = 245
	tagFBJID       = 246
	tagADJID       = 247
	tagList8       = 248
	tagList16      = 249
	tagJIDPair     = 250
	tagHex8        = 251
	tagBinary8     = 252
	tagBinary20    = 253
	tagBinary32    = 254
	tagNibble8     = 255
)

const flagCompressed = 2 // the node is a zlib stream; the other bits are unused

// The characters of packed texts. 15 fills an unused half.
var (
	nibbles   = [16]byte([]byte("0123456789-.\x00\x00\x00\x00")) // NIBBLE_8
	hexDigits = [16]byte([]byte("0123456789ABCDEF"))             // HEX_8
)

const (
	noDigit = 0 // in nibbles

	packedOdd = 0x80
	packedMax = 127 // characters that writers pack; readers take up to 254
)

const (
	maxDepth = 16      // levels of nodes; a call stanza has 5
	maxItems = 1 << 15 // nodes and attributes of a stanza
	maxAttrs = 64      // attributes of a node
)
