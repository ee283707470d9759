package protobuf

import (
	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/curve"
)

// Encoder appends protobuf to B. It does not allocate if B has the capacity.
type Encoder struct{ B []byte }

// Number appends a number as field n.
func (e *Encoder) Number(n protowire.Number, v uint64) {
	e.B = protowire.AppendVarint(protowire.AppendTag(e.B, n, protowire.VarintType), v)
}

// Bytes appends v as field n.
func (e *Encoder) Bytes(n protowire.Number, v []byte) {
	e.B = protowire.AppendBytes(protowire.AppendTag(e.B, n, protowire.BytesType), v)
}

// PublicKey appends a raw public key, with its type byte, as field n.
func (e *Encoder) PublicKey(n protowire.Number, key *[32]byte) {
	e.B = protowire.AppendVarint(protowire.AppendTag(e.B, n, protowire.BytesType), 1+curve.Bytes)
	e.B = append(e.B, curve.TypeByte)
	e.B = append(e.B, key[:]...)
}

// lengthRoom is the space that Begin leaves for a length: enough for 2^35 bytes.
const lengthRoom = 5

// Begin starts a sub-message in place; End takes the result of Begin, writes the length
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
