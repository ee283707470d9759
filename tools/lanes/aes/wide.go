package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// With AVX-512, VAES and VPCLMULQDQ eight blocks are in two registers.

// A wide is the constants of a loop that takes eight blocks at once.
type wide struct {
	keys       []reg.VecPhysical // of the rounds, in all four places
	powers     []reg.VecPhysical // of H, the highest one first
	reversed   reg.VecPhysical
	fours      reg.VecPhysical
	polynomial reg.VecPhysical
	counters   reg.VecPhysical // of the next four blocks
}

var wideBlocks = here(reg.Z0, reg.Z1)

// wide takes all blocks but the last few, with keys, with powers, or with both. It leaves counter and
// sum as the loops after it need them.
func (f fieldConstants) wide(left reg.Register, keys *schedule, powers reg.Register, body func(w wide)) {
	w := wide{reversed: reg.Z29, fours: reg.Z30, polynomial: reg.X7, counters: reg.Z9}
	has := Load(Param("wide"), GP8())
	TESTB(has, has)
	JEQ(operand.LabelRef("narrow"))
	CMPQ(left, operand.Imm(blockBytes*aggregated))
	JCS(operand.LabelRef("narrow"))
	VBROADCASTI32X4(f.reversed, w.reversed)
	if keys != nil {
		w.keys = here(reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23, reg.Z24, reg.Z25, reg.Z26)
		for i, key := range w.keys {
			VBROADCASTI32X4(keys.at(i), key)
		}
		VMOVDQU64(f.fours, w.fours)
		VSHUFI64X2(operand.U8(0), reg.Z14, reg.Z14, w.counters)
		VPADDD(f.places, w.counters, w.counters)
	}
	if powers != nil {
		w.powers = here(reg.Z27, reg.Z28)
		for i, p := range w.powers {
			VMOVDQU64(power(powers, aggregated-4*i), p)
		}
		VMOVDQU(f.polynomial, w.polynomial)
		VMOVDQA(sum, sum) // zero in the other three places
	}
	namedLoop("wide", "afterWide", aggregated, left, func() { body(w) })
	for _, r := range append(w.keys, w.powers...) {
		VPXORQ(r, r, r)
	}
	VZEROUPPER() // the rest of the registers that the others clear
	if keys != nil {
		MOVAPS(reg.X9, counter)
	}
	Label("narrow")
}

// load loads eight blocks of p, and moves it on.
func (w wide) load(p reg.Register) {
	for i, blocks := range wideBlocks {
		VMOVDQU64(operand.Mem{Base: p, Disp: 4 * blockBytes * i}, blocks)
	}
	ADDQ(operand.Imm(blockBytes*aggregated), p)
}

// stream writes eight blocks of p to to, encrypted or decrypted, leaves them in the registers, and
// moves both on.
func (w wide) stream(to, p reg.Register) {
	for _, blocks := range wideBlocks {
		VPSHUFB(w.reversed, w.counters, blocks)
		VPADDD(w.fours, w.counters, w.counters)
	}
	for i, key := range w.keys {
		for _, blocks := range wideBlocks {
			switch i {
			case 0:
				VPXORQ(key, blocks, blocks)
			case len(w.keys) - 1:
				fours("VAESENCLAST", blocks, key, blocks)
			default:
				fours("VAESENC", blocks, key, blocks)
			}
		}
	}
	for i, blocks := range wideBlocks {
		VPXORQ(operand.Mem{Base: p, Disp: 4 * blockBytes * i}, blocks, blocks)
	}
	for i, blocks := range wideBlocks {
		VMOVDQU64(blocks, operand.Mem{Base: to, Disp: 4 * blockBytes * i})
	}
	ADDQ(operand.Imm(blockBytes*aggregated), p)
	ADDQ(operand.Imm(blockBytes*aggregated), to)
}

// take is that of one block in a register, and then adds the four places.
func (w wide) take() {
	low, middle, high := reg.Z10, reg.Z11, reg.Z12
	for i, blocks := range wideBlocks {
		VPSHUFB(w.reversed, blocks, blocks)
		if i == 0 {
			VPXORQ(reg.Z13, blocks, blocks)
		}
		product := func(halves uint8, to, t reg.VecPhysical, first bool) {
			if first {
				fours("VPCLMULQDQ", to, operand.U8(halves), w.powers[i], blocks)
				return
			}
			fours("VPCLMULQDQ", t, operand.U8(halves), w.powers[i], blocks)
			VPXORQ(t, to, to)
		}
		product(0x00, low, reg.Z2, i == 0)
		product(0x11, high, reg.Z3, i == 0)
		product(0x01, middle, reg.Z4, i == 0)
		product(0x10, middle, reg.Z5, false)
	}
	VPSLLDQ(operand.U8(8), middle, reg.Z2)
	VPXORQ(reg.Z2, low, low)
	VPSRLDQ(operand.U8(8), middle, middle)
	VPXORQ(middle, high, high)
	for _, r := range [][3]reg.VecPhysical{{low, reg.Y10, reg.X10}, {high, reg.Y12, reg.X12}} {
		VEXTRACTI64X4(operand.U8(1), r[0], reg.Y2)
		VPXOR(reg.Y2, r[1], r[1])
		VEXTRACTI128(operand.U8(1), r[1], reg.X2)
		VPXOR(reg.X2, r[2], r[2])
	}
	for range 2 {
		VPCLMULQDQ(operand.U8(0x01), reg.X10, w.polynomial, reg.X2)
		VPSHUFD(operand.U8(0x4e), reg.X10, reg.X10)
		VPXOR(reg.X2, reg.X10, reg.X10)
	}
	VPXOR(reg.X10, reg.X12, sum)
}

// fours is an instruction for four blocks that avo does not know.
func fours(name string, to reg.VecPhysical, from ...operand.Op) {
	Instruction(&ir.Instruction{
		Opcode:   name,
		Operands: append(from, to),
		Inputs:   from,
		Outputs:  []operand.Op{to},
		ISA:      []string{"AVX512F", "VAES", "VPCLMULQDQ"},
	})
}
