package main

import (
	"math/big"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// constants are what the instructions take from memory, at whole multiples of 16 bytes.
type constants struct {
	rounds             operand.Mem
	initial            operand.Mem // the first state
	innerPad, outerPad operand.Mem
	padding            operand.Mem     // the second half of a last block of 32 bytes
	order              operand.Mem     // in which PSHUFB turns the bytes of four words
	turn               reg.VecPhysical // where that is
}

// primes are the first 64.
var primes = func() (list []int64) {
	for p := int64(2); len(list) < 64; p++ {
		if big.NewInt(p).ProbablyPrime(0) {
			list = append(list, p)
		}
	}
	return list
}()

func newConstants() *constants {
	c := &constants{turn: reg.X14}
	var rounds, initial, order []uint32
	for _, p := range primes { // FIPS 180-4 §4.2.2
		rounds = append(rounds, fraction(p, 3))
	}
	for _, p := range primes[:8] { // FIPS 180-4 §5.3.3
		initial = append(initial, fraction(p, 2))
	}
	for i := range uint32(4) {
		order = append(order, 4*i<<24|(4*i+1)<<16|(4*i+2)<<8|4*i+3)
	}
	c.rounds = global("rounds", rounds...)
	c.initial = global("initial", initial...)
	c.order = global("order", order...)
	c.innerPad = global("innerPad", 0x36363636, 0x36363636, 0x36363636, 0x36363636)
	c.outerPad = global("outerPad", 0x5c5c5c5c, 0x5c5c5c5c, 0x5c5c5c5c, 0x5c5c5c5c)
	c.padding = global("padding", 0x80000000, 0, 0, 0, 0, 0, 0, 8*(blockBytes+32))
	return c
}

func global(name string, words ...uint32) operand.Mem {
	g := GLOBL(name, attr.RODATA|attr.NOPTR)
	for i, word := range words {
		DATA(4*i, operand.U32(word))
	}
	return g
}

// fraction returns the first 32 bits of the fraction of the root of n of some degree: the lower 32
// bits of the root of n * 2^(32 degree).
func fraction(n, degree int64) uint32 {
	scaled := new(big.Int).Lsh(big.NewInt(n), uint(32*degree))
	root, power := new(big.Int), new(big.Int)
	for bit := 40; bit >= 0; bit-- {
		root.SetBit(root, bit, 1)
		if power.Exp(root, big.NewInt(degree), nil).Cmp(scaled) > 0 {
			root.SetBit(root, bit, 0)
		}
	}
	return uint32(root.Uint64())
}
