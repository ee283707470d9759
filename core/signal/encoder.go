package signal

import (
	"google.golang.org/protobuf/encoding/protowire"

	"libcallkey/core/curve"
)

// encoder appends protobuf to b. It does not allocate if b has the capacity.
type encoder struct{ b []byte }

func (e *encoder) number(n protowire.Number, v uint64) {
	e.b = protowire.AppendVarint(protowire.AppendTag(e.b, n, protowire.VarintType), v)
}

func (e *encoder) bytes(n protowire.Number, v []byte) {
	e.b = protowire.AppendBytes(protowire.AppendTag(e.b, n, protowire.BytesType), v)
}

func (e *encoder) publicKey(n protowire.Number, key *[32]byte) {
	e.b = protowire.AppendVarint(protowire.AppendTag(e.b, n, protowire.BytesType), 1+curve.Bytes)
	e.b = append(e.b, curve.TypeByte)
	e.b = append(e.b, key[:]...)
}

// lengthRoom is the space that begin leaves for a length: enough for 2^35 bytes.
const lengthRoom = 5

// begin starts a sub-message in place; end takes the result of begin, writes the length
// and closes the gap. So its secrets are in one buffer only.
func (e *encoder) begin(n protowire.Number) (mark int) {
	e.b = protowire.AppendTag(e.b, n, protowire.BytesType)
	mark = len(e.b)
	e.b = append(e.b, make([]byte, lengthRoom)...)
	return mark
}

func (e *encoder) end(mark int) {
	body := e.b[mark+lengthRoom:]
	size := len(body)
	written := len(protowire.AppendVarint(e.b[:mark], uint64(size)))
	copy(e.b[written:], body)
	clear(e.b[written+size:])
	e.b = e.b[:written+size]
}
