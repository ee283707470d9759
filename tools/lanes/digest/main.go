// Digest writes the assembly of core/kdf/digest: SHA-256 of blocks, with the instructions SHA of
// amd64. One pair of rounds waits for the one before, so two blocks that do not depend on each
// other take little longer together than one.
//
// `make generate` starts it in core/kdf/digest, with the names of the files to write.
package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	blockBytes  = 64
	vectorBytes = 16
	steps       = 64 / 4 // of four rounds
)

func main() {
	ConstraintExpr("amd64,!purego")
	k, order := constants(), byteOrder()
	blocks(k, order)
	pair(k, order)
	supported()
	Generate()
}

// wk is where SHA256RNDS2 takes two words with their constants added.
var wk = reg.X0

// A stream is the registers of one hash.
type stream struct {
	abef, cdgh reg.VecPhysical    // the state as SHA256RNDS2 takes it, the highest word first
	m          [4]reg.VecPhysical // the last 16 words of the message schedule
}

var (
	one   = stream{reg.X1, reg.X2, [4]reg.VecPhysical{reg.X3, reg.X4, reg.X5, reg.X6}}
	other = stream{reg.X7, reg.X8, [4]reg.VecPhysical{reg.X9, reg.X10, reg.X11, reg.X12}}
)

// load reads a state, eight words.
func (s *stream) load(state operand.Mem) {
	abcd := reg.X13
	MOVUPS(state, abcd)
	MOVUPS(state.Offset(vectorBytes), s.abef) // efgh
	MOVAPS(s.abef, s.cdgh)
	SHUFPS(operand.U8(0x11), abcd, s.abef)
	SHUFPS(operand.U8(0xbb), abcd, s.cdgh)
}

// add adds the state in memory, and writes the sum there.
func (s *stream) add(state operand.Mem) {
	t, u := reg.X13, s.m[0]
	MOVAPS(s.abef, t)
	SHUFPS(operand.U8(0xbb), s.cdgh, t)
	SHUFPS(operand.U8(0x11), s.cdgh, s.abef)
	MOVUPS(state, u)
	PADDD(u, t)
	MOVUPS(t, state)
	MOVUPS(state.Offset(vectorBytes), u)
	PADDD(u, s.abef)
	MOVUPS(s.abef, state.Offset(vectorBytes))
}

// step makes four rounds, and with them the next four words of the schedule.
func (s *stream) step(i int, block, k operand.Mem, order reg.VecPhysical) {
	now := s.m[i%4]
	if i < 4 {
		MOVUPS(block.Offset(vectorBytes*i), now)
		PSHUFB(order, now)
	}
	MOVAPS(now, wk)
	PADDD(k.Offset(vectorBytes*i), wk)
	SHA256RNDS2(wk, s.abef, s.cdgh)
	if i >= 3 && i < steps-1 {
		next, t := s.m[(i+1)%4], reg.X13
		MOVAPS(now, t)
		PALIGNR(operand.U8(4), s.m[(i+3)%4], t)
		SHA256MSG1(s.m[(i+2)%4], next)
		PADDD(t, next)
		SHA256MSG2(now, next)
	}
	PSHUFD(operand.U8(0x0e), wk, wk)
	SHA256RNDS2(wk, s.cdgh, s.abef)
}

func blocks(k, order operand.Mem) {
	function("blocks", "func(state *[8]uint32, p []byte)",
		"blocks takes the blocks of p, which are whole ones.")
	state := operand.Mem{Base: Load(Param("state"), GP64())}
	p := Load(Param("p").Base(), GP64())
	end := Load(Param("p").Len(), GP64())
	ADDQ(p, end)
	CMPQ(p, end)
	JEQ(operand.LabelRef("done"))
	turned, abef, cdgh := reg.X14, reg.X9, reg.X10
	MOVOA(order, turned)
	one.load(state)
	Label("again")
	MOVAPS(one.abef, abef)
	MOVAPS(one.cdgh, cdgh)
	for i := range steps {
		one.step(i, operand.Mem{Base: p}, k, turned)
	}
	PADDD(abef, one.abef)
	PADDD(cdgh, one.cdgh)
	ADDQ(operand.Imm(blockBytes), p)
	CMPQ(p, end)
	JNE(operand.LabelRef("again"))
	MOVAPS(one.abef, abef)
	SHUFPS(operand.U8(0xbb), one.cdgh, one.abef)
	SHUFPS(operand.U8(0x11), one.cdgh, abef)
	MOVUPS(one.abef, state)
	MOVUPS(abef, state.Offset(vectorBytes))
	clear(reg.X13, abef, cdgh, wk, one.abef, one.cdgh, one.m[0], one.m[1], one.m[2], one.m[3])
	Label("done")
	RET()
}

func pair(k, order operand.Mem) {
	function("pair", "func(a, b *[8]uint32, p, q *[64]byte)",
		"pair takes block p into the state a and block q into the state b.")
	a := operand.Mem{Base: Load(Param("a"), GP64())}
	b := operand.Mem{Base: Load(Param("b"), GP64())}
	p := operand.Mem{Base: Load(Param("p"), GP64())}
	q := operand.Mem{Base: Load(Param("q"), GP64())}
	turned := reg.X14
	MOVOA(order, turned)
	one.load(a)
	other.load(b)
	for i := range steps {
		one.step(i, p, k, turned)
		other.step(i, q, k, turned)
	}
	one.add(a)
	other.add(b)
	clear(reg.X13, wk)
	for _, s := range []*stream{&one, &other} {
		clear(s.abef, s.cdgh, s.m[0], s.m[1], s.m[2], s.m[3])
	}
	RET()
}

// supported asks the processor: golang.org/x/sys/cpu does not know.
func supported() {
	TEXT("supported", attr.NOSPLIT, "func() bool")
	Doc("supported reports whether the processor has the instructions SHA: leaf 7 of CPUID, bit 29 of EBX.")
	const leaf, bit = 7, 29
	XORL(reg.EAX, reg.EAX)
	XORL(reg.ECX, reg.ECX)
	CPUID()
	XORL(reg.EBX, reg.EBX)
	CMPL(reg.EAX, operand.Imm(leaf))
	JCS(operand.LabelRef("done"))
	MOVL(operand.U32(leaf), reg.EAX)
	XORL(reg.ECX, reg.ECX)
	CPUID()
	SHRL(operand.Imm(bit), reg.EBX)
	ANDL(operand.Imm(1), reg.EBX)
	Label("done")
	Store(reg.BL, ReturnIndex(0))
	RET()
}

func function(name, signature, doc string) {
	TEXT(name, attr.NOSPLIT, signature)
	Doc(doc)
	Pragma("noescape")
}

// clear sets registers that held the message or the state to zero.
func clear(registers ...reg.VecPhysical) {
	for _, r := range registers {
		PXOR(r, r)
	}
}
