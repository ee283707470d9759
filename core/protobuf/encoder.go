package protobuf

import (
	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/curve"
)

// Encoder appends protobuf to B. It does not allocate if B has the capacity.
type Encoder struct{ B []byte }

// tag appends a field's number and kind.
func (e *Encoder) tag(n protowire.Number, kind protowire.Type) {
	if n < 16 {
		e.B = append(e.B, byte(n)<<3|byte(kind)) // nearly all, and much faster
		return
	}
	e.B = protowire.AppendTag(e.B, n, kind)
}

// varint appends a number without a tag.
func (e *Encoder) varint(v uint64) {
	if v < 0x80 {
		e.B = append(e.B, byte(v))
		return
	}
	e.B = protowire.AppendVarint(e.B, v)
}

// Number appends a number as field n.
func (e *Encoder) Number(n protowire.Number, v uint64) {
	e.tag(n, protowire.VarintType)
	e.varint(v)
}

// Bytes appends v as field n.
func (e *Encoder) Bytes(n protowire.Number, v []byte) {
	e.Message(n, len(v))
	e.B = append(e.B, v...)
}

// PublicKey appends a raw public key, with its type byte, as field n.
func (e *Encoder) PublicKey(n protowire.Number, key *[32]byte) {
	e.Message(n, 1+curve.Bytes)
	e.B = append(e.B, curve.TypeByte)
	e.B = append(e.B, key[:]...)
}

// Message begins a sub-message as field n; what is appended next is its size bytes.
func (e *Encoder) Message(n protowire.Number, size int) {
	e.tag(n, protowire.BytesType)
	e.varint(uint64(size))
}

// Sizes of fields below 16, as they are appended.
const (
	PublicKeyBytes = 2 + 1 + curve.Bytes
	KeyBytes       = 2 + 32
)

// NumberBytes is the size of a number, as a field below 16.
func NumberBytes(v uint64) int { return 1 + protowire.SizeVarint(v) }

// MessageBytes is the size of a sub-message of size bytes, as a field below 16.
func MessageBytes(size int) int { return NumberBytes(uint64(size)) + size }

// lengthRoom is the space that Begin leaves for a length: enough for 2^35 bytes.
const lengthRoom = 5

// Begin starts a sub-message of unknown size in place; End takes the result of Begin, writes the length
// and closes the gap. So its secrets are in one buffer only.
func (e *Encoder) Begin(n protowire.Number) (mark int) {
	e.B = protowire.AppendTag(e.B, n, protowire.BytesType)
	mark = len(e.B)
	e.B = append(e.B, make([]byte, lengthRoom)...)
	return mark
}

// End ends the sub-message that Begin started.
func (e *Encoder) End(mark int) {
	body := e.B[mark+lengthRoom:]
	size := len(body)
	written := len(protowire.AppendVarint(e.B[:mark], uint64(size)))
	copy(e.B[written:], body)
	clear(e.B[written+size:])
	e.B = e.B[:written+size]
}
