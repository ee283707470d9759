package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// GCM (NIST SP 800-38D) with AES-128. Its blocks are polynomials over GF(2), with the coefficient of
// x^0 in the first bit. Here they are numbers whose lowest bit is the last one: their bytes are
// reversed on the way in. A product of two such numbers lacks a factor x, so the powers of H have
// it. reduce divides by x^128, as Montgomery's reduction does.

const aggregated = 8 // products that are reduced together

// Other registers.
var (
	roundKey = reg.X8
	low      = reg.X10 // the sum of products: the low half
	middle   = reg.X11 // what overlaps both halves
	high     = reg.X12 // the high half
	sum      = reg.X13 // GHASH of what came before
	counter  = reg.X14 // the next counter block, reversed

	gcmRegisters = append(append([]reg.VecPhysical{}, states...), roundKey, t, low, middle, high, sum, counter)
)

// fieldConstants are the order of PSHUFB that reverses a block, the number one, and the polynomial:
// x^127 + x^126 + x^121 + 1, of numbers with reversed bits. The others are for four blocks in a
// register: 0 to 3, and four of 4.
type fieldConstants struct{ reversed, one, polynomial, places, fours operand.Mem }

func newFieldConstants() (c fieldConstants) {
	words := func(name string, low, high uint64) operand.Mem {
		m := GLOBL(name, attr.RODATA|attr.NOPTR)
		DATA(0, operand.U64(low))
		DATA(8, operand.U64(high))
		return m
	}
	c.reversed = words("reversed", 0x08090a0b0c0d0e0f, 0x0001020304050607)
	c.one = words("one", 1, 0)
	c.polynomial = words("polynomial", 1, 0xc2<<56)
	four := func(name string, of func(block int) uint64) operand.Mem {
		m := GLOBL(name, attr.RODATA|attr.NOPTR)
		for i := range 4 {
			DATA(blockBytes*i, operand.U64(of(i)))
			DATA(blockBytes*i+8, operand.U64(0))
		}
		return m
	}
	c.places = four("places", func(block int) uint64 { return uint64(block) })
	c.fours = four("fours", func(int) uint64 { return 4 })
	return c
}

func gcm(c constants) {
	f := newFieldConstants()
	f.start(c)
	f.count()
	f.hash()
	f.seal()
}

// start is the work for each key and nonce before their first block.
func (f fieldConstants) start(c constants) {
	function("gcmStart", "func(keys *[11][16]byte, powers *[8][16]byte, counter, mask *[16]byte, key, nonce *[16]byte)",
		"gcmStart makes a key's schedule and its powers of H, each times x, and of a nonce of 16 bytes the",
		"first counter block, reversed, and the mask of the tag.")
	k := schedule{Load(Param("keys"), GP64()), 10}
	powers := Load(Param("powers"), GP64())
	k.expand128(operand.Mem{Base: Load(Param("key"), GP64())}, c)

	// H is the cipher of zeros. Times x: moved by one bit, and reduced if one fell out.
	h, carry, out := states[0], states[1], states[2]
	PXOR(h, h)
	k.encryptUnaligned(here(h))
	PSHUFB(f.reversed, h)
	PSHUFD(operand.U8(0xff), h, out)
	PSRAL(operand.U8(31), out)
	PAND(f.polynomial, out)
	MOVAPS(h, carry)
	PSLLQ(operand.U8(1), h)
	PSRLQ(operand.U8(63), carry)
	PSLLDQ(operand.U8(8), carry)
	POR(carry, h)
	PXOR(out, h)
	MOVUPS(h, power(powers, 1))

	for i := 2; i <= aggregated; i++ {
		x := states[i-1]
		MOVUPS(power(powers, i/2), x)
		f.add(x, power(powers, i-i/2), true)
		f.reduce(x)
		MOVUPS(x, power(powers, i))
	}

	// The counter block is GHASH of the nonce and of its length in bits.
	nonce, length := states[0], states[1]
	MOVUPS(operand.Mem{Base: Load(Param("nonce"), GP64())}, nonce)
	PSHUFB(f.reversed, nonce)
	f.add(nonce, power(powers, 2), true)
	MOVAPS(f.one, length)
	PSLLQ(operand.U8(7), length)
	f.add(length, power(powers, 1), false)
	f.reduce(counter)
	MOVAPS(counter, states[0])
	PSHUFB(f.reversed, states[0])
	k.encryptUnaligned(states[:1])
	MOVUPS(states[0], operand.Mem{Base: Load(Param("mask"), GP64())})
	PADDL(f.one, counter)
	MOVUPS(counter, operand.Mem{Base: Load(Param("counter"), GP64())})
	end()
}

func (f fieldConstants) count() {
	function("gcmCount", "func(keys *[11][16]byte, counter *[16]byte, to *byte, p []byte, wide bool)",
		"gcmCount encrypts or decrypts the blocks of p to as many, from a counter on.")
	k := schedule{Load(Param("keys"), GP64()), 10}
	next := operand.Mem{Base: Load(Param("counter"), GP64())}
	to := Load(Param("to"), GP64())
	p := Load(Param("p").Base(), GP64())
	left := Load(Param("p").Len(), GP64())
	MOVUPS(next, counter)
	f.wide(left, &k, nil, func(w wide) { w.stream(to, p) })
	for _, width := range []int{aggregated, 1} {
		loop(width, left, func() {
			f.stream(k, states[:width], to, p)
		})
	}
	MOVUPS(counter, next)
	end()
}

func (f fieldConstants) hash() {
	function("gcmHash", "func(powers *[8][16]byte, sum *[16]byte, p []byte, wide bool)",
		"gcmHash takes the blocks of p into a sum of GHASH.")
	powers := Load(Param("powers"), GP64())
	hashed := operand.Mem{Base: Load(Param("sum"), GP64())}
	p := Load(Param("p").Base(), GP64())
	left := Load(Param("p").Len(), GP64())
	f.load(hashed)
	f.wide(left, nil, powers, func(w wide) {
		w.load(p)
		w.take()
	})
	for _, width := range []int{aggregated, 2, 1} {
		loop(width, left, func() {
			for i, block := range states[:width] {
				MOVUPS(operand.Mem{Base: p, Disp: blockBytes * i}, block)
			}
			f.take(states[:width], powers)
			ADDQ(operand.Imm(uint64(blockBytes*width)), p)
		})
	}
	f.store(hashed)
	end()
}

// seal is count, and hash of what it writes: the processor does both at once.
func (f fieldConstants) seal() {
	function("gcmSeal", "func(keys *[11][16]byte, powers *[8][16]byte, counter, sum *[16]byte, to *byte, p []byte, wide bool)",
		"gcmSeal is gcmCount, and gcmHash of what it writes.")
	k := schedule{Load(Param("keys"), GP64()), 10}
	powers := Load(Param("powers"), GP64())
	next := operand.Mem{Base: Load(Param("counter"), GP64())}
	hashed := operand.Mem{Base: Load(Param("sum"), GP64())}
	to := Load(Param("to"), GP64())
	p := Load(Param("p").Base(), GP64())
	left := Load(Param("p").Len(), GP64())
	MOVUPS(next, counter)
	f.load(hashed)
	f.wide(left, &k, powers, func(w wide) {
		w.stream(to, p)
		w.take()
	})
	for _, width := range []int{aggregated, 2, 1} {
		loop(width, left, func() {
			f.stream(k, states[:width], to, p)
			f.take(states[:width], powers)
		})
	}
	MOVUPS(counter, next)
	f.store(hashed)
	end()
}

// power is a power of H. The highest one is the first in memory, as it is the first block's.
func power(powers reg.Register, i int) operand.Mem {
	return operand.Mem{Base: powers, Disp: blockBytes * (aggregated - i)}
}

// stream writes some blocks of p to to, encrypted or decrypted, leaves them in the registers, and
// moves both on.
func (f fieldConstants) stream(k schedule, blocks []reg.VecPhysical, to, p reg.Register) {
	for _, block := range blocks {
		MOVAPS(counter, block)
		PSHUFB(f.reversed, block)
		PADDL(f.one, counter) // its last four bytes alone, without a carry
	}
	k.encryptUnaligned(blocks)
	for i, block := range blocks {
		MOVUPS(operand.Mem{Base: p, Disp: blockBytes * i}, t)
		PXOR(t, block)
	}
	for i, block := range blocks {
		MOVUPS(block, operand.Mem{Base: to, Disp: blockBytes * i})
	}
	ADDQ(operand.Imm(uint64(blockBytes*len(blocks))), p)
	ADDQ(operand.Imm(uint64(blockBytes*len(blocks))), to)
}

// encryptUnaligned is encrypt with a schedule anywhere.
func (k schedule) encryptUnaligned(blocks []reg.VecPhysical) {
	for i := range k.rounds + 1 {
		MOVUPS(k.at(i), roundKey)
		for _, block := range blocks {
			switch i {
			case 0:
				PXOR(roundKey, block)
			case k.rounds:
				AESENCLAST(roundKey, block)
			default:
				AESENC(roundKey, block)
			}
		}
	}
}

// take takes some blocks into the sum, each times the power of H of its place from the end.
func (f fieldConstants) take(blocks []reg.VecPhysical, powers reg.Register) {
	for i, block := range blocks {
		PSHUFB(f.reversed, block)
		if i == 0 {
			PXOR(sum, block)
		}
		f.add(block, power(powers, len(blocks)-i), i == 0)
	}
	f.reduce(sum)
}

// add adds a product to low, middle and high, or sets them to the first.
func (f fieldConstants) add(block reg.VecPhysical, by operand.Mem, first bool) {
	product := func(halves uint8, to reg.VecPhysical, first bool) {
		if first {
			MOVUPS(by, to)
			PCLMULQDQ(operand.U8(halves), block, to)
			return
		}
		MOVUPS(by, t)
		PCLMULQDQ(operand.U8(halves), block, t)
		PXOR(t, to)
	}
	product(0x00, low, first)
	product(0x11, high, first)
	product(0x01, middle, first)
	product(0x10, middle, false)
}

// reduce sets result to the sum of products divided by x^128. Each of its two steps adds a multiple
// of the polynomial that makes the lowest 64 bits zero, and drops these.
func (f fieldConstants) reduce(result reg.VecPhysical) {
	MOVAPS(middle, t)
	PSLLDQ(operand.U8(8), t)
	PXOR(t, low)
	PSRLDQ(operand.U8(8), middle)
	PXOR(middle, high)
	for range 2 {
		MOVAPS(f.polynomial, t)
		PCLMULQDQ(operand.U8(0x01), low, t)
		PSHUFD(operand.U8(0x4e), low, low) // the halves change places
		PXOR(t, low)
	}
	MOVAPS(low, result)
	PXOR(high, result)
}

func (f fieldConstants) load(hashed operand.Mem) {
	MOVUPS(hashed, sum)
	PSHUFB(f.reversed, sum)
}

func (f fieldConstants) store(hashed operand.Mem) {
	PSHUFB(f.reversed, sum)
	MOVUPS(sum, hashed)
}

func end() {
	for _, r := range gcmRegisters {
		PXOR(r, r)
	}
	RET()
}
