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
	c := newConstants()
	blocks(c)
	pair(c)
	keyed(c)
	last(c)
	lastPair(c)
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

// sum returns the words of the state before added to those of s, four in each register.
func (s *stream) sum(before operand.Mem) (abcd, efgh reg.VecPhysical) {
	abcd, efgh = s.m[0], s.abef
	t := s.m[1]
	MOVAPS(s.abef, abcd)
	SHUFPS(operand.U8(0xbb), s.cdgh, abcd)
	SHUFPS(operand.U8(0x11), s.cdgh, efgh)
	MOVUPS(before, t)
	PADDD(t, abcd)
	MOVUPS(before.Offset(vectorBytes), t)
	PADDD(t, efgh)
	return abcd, efgh
}

func store(abcd, efgh reg.VecPhysical, to operand.Mem) {
	MOVUPS(abcd, to)
	MOVUPS(efgh, to.Offset(vectorBytes))
}

// words puts the first 16 words of the schedule into registers, the i-th four into now.
type words func(i int, now reg.VecPhysical)

// block is the words of a block.
func (c *constants) block(at operand.Mem) words {
	return func(i int, now reg.VecPhysical) {
		MOVUPS(at.Offset(vectorBytes*i), now)
		PSHUFB(c.turn, now)
	}
}

// step makes four rounds, and with them the next four words of the schedule.
func (s *stream) step(i int, c *constants, first words) {
	now := s.m[i%4]
	if i < 4 {
		first(i, now)
	}
	MOVAPS(now, wk)
	PADDD(c.rounds.Offset(vectorBytes*i), wk)
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

func blocks(c *constants) {
	function("blocks", "func(state *[8]uint32, p []byte)",
		"blocks takes the blocks of p, which are whole ones.")
	state := pointer("state")
	p := Load(Param("p").Base(), GP64())
	end := Load(Param("p").Len(), GP64())
	ADDQ(p, end)
	CMPQ(p, end)
	JEQ(operand.LabelRef("done"))
	abef, cdgh := reg.X9, reg.X10
	MOVOA(c.order, c.turn)
	one.load(state)
	Label("again")
	MOVAPS(one.abef, abef)
	MOVAPS(one.cdgh, cdgh)
	for i := range steps {
		one.step(i, c, c.block(operand.Mem{Base: p}))
	}
	PADDD(abef, one.abef)
	PADDD(cdgh, one.cdgh)
	ADDQ(operand.Imm(blockBytes), p)
	CMPQ(p, end)
	JNE(operand.LabelRef("again"))
	MOVAPS(one.abef, abef)
	SHUFPS(operand.U8(0xbb), one.cdgh, one.abef)
	SHUFPS(operand.U8(0x11), one.cdgh, abef)
	store(one.abef, abef, state)
	clear(abef, cdgh)
	one.clear()
	Label("done")
	RET()
}

func pair(c *constants) {
	function("pair", "func(a, b *[8]uint32, p, q *[64]byte)",
		"pair takes block p into the state a and block q into the state b.")
	a, b, p, q := pointer("a"), pointer("b"), pointer("p"), pointer("q")
	MOVOA(c.order, c.turn)
	one.load(a)
	other.load(b)
	for i := range steps {
		one.step(i, c, c.block(p))
		other.step(i, c, c.block(q))
	}
	abcd, efgh := one.sum(a)
	store(abcd, efgh, a)
	abcd, efgh = other.sum(b)
	store(abcd, efgh, b)
	one.clear()
	other.clear()
	RET()
}

func keyed(c *constants) {
	function("keyed", "func(inner, outer *[8]uint32, key *[64]byte)",
		"keyed sets inner and outer to the states after the inner and the outer block of HMAC.")
	inner, outer, key := pointer("inner"), pointer("outer"), pointer("key")
	padded := func(pad operand.Mem) words {
		return func(i int, now reg.VecPhysical) {
			MOVUPS(key.Offset(vectorBytes*i), now)
			PXOR(pad, now)
			PSHUFB(c.turn, now)
		}
	}
	MOVOA(c.order, c.turn)
	one.load(c.initial)
	MOVAPS(one.abef, other.abef)
	MOVAPS(one.cdgh, other.cdgh)
	for i := range steps {
		one.step(i, c, padded(c.innerPad))
		other.step(i, c, padded(c.outerPad))
	}
	abcd, efgh := one.sum(c.initial)
	store(abcd, efgh, inner)
	abcd, efgh = other.sum(c.initial)
	store(abcd, efgh, outer)
	one.clear()
	other.clear()
	RET()
}

// summed is the words of HMAC's last block: an inner sum and its padding.
func (c *constants) summed(inner operand.Mem) words {
	return func(i int, now reg.VecPhysical) {
		if i < 2 {
			MOVUPS(inner.Offset(vectorBytes*i), now)
		} else {
			MOVOA(c.padding.Offset(vectorBytes*(i-2)), now)
		}
	}
}

// put writes the sum of a hash, for which outer was its state before the last block.
func (s *stream) put(c *constants, outer, out operand.Mem) {
	abcd, efgh := s.sum(outer)
	PSHUFB(c.turn, abcd)
	PSHUFB(c.turn, efgh)
	store(abcd, efgh, out)
}

func last(c *constants) {
	function("last", "func(out *[32]byte, outer, inner *[8]uint32)",
		"last sets out to an HMAC: the hash with the state outer after the sum inner.")
	out, outer, inner := pointer("out"), pointer("outer"), pointer("inner")
	MOVOA(c.order, c.turn)
	one.load(outer)
	for i := range steps {
		one.step(i, c, c.summed(inner))
	}
	one.put(c, outer, out)
	one.clear()
	RET()
}

func lastPair(c *constants) {
	function("lastPair", "func(a, b *[32]byte, outerA, outerB, innerA, innerB *[8]uint32)",
		"lastPair is last of two.")
	a, outerA, innerA := pointer("a"), pointer("outerA"), pointer("innerA")
	b, outerB, innerB := pointer("b"), pointer("outerB"), pointer("innerB")
	MOVOA(c.order, c.turn)
	one.load(outerA)
	other.load(outerB)
	for i := range steps {
		one.step(i, c, c.summed(innerA))
		other.step(i, c, c.summed(innerB))
	}
	one.put(c, outerA, a)
	other.put(c, outerB, b)
	one.clear()
	other.clear()
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

func pointer(name string) operand.Mem {
	return operand.Mem{Base: Load(Param(name), GP64())}
}

// clear sets registers that held the message or the state to zero.
func clear(registers ...reg.VecPhysical) {
	for _, r := range registers {
		PXOR(r, r)
	}
}

func (s *stream) clear() {
	clear(wk, reg.X13, s.abef, s.cdgh, s.m[0], s.m[1], s.m[2], s.m[3])
}
