package main

import (
	"math/big"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// constants are FIPS 180-4 §4.2.2: the first 32 bits of the fractions of the cube roots of the
// first 64 primes.
func constants() operand.Mem {
	k := GLOBL("constants", attr.RODATA|attr.NOPTR)
	at := 0
	for p := int64(2); at < 64*4; p++ {
		if big.NewInt(p).ProbablyPrime(0) {
			DATA(at, operand.U32(cubeRoot(p)))
			at += 4
		}
	}
	return k
}

// cubeRoot returns the first 32 bits of the fraction of the cube root of n: the lower 32 bits of
// the cube root of n * 2^96.
func cubeRoot(n int64) uint32 {
	scaled := new(big.Int).Lsh(big.NewInt(n), 96)
	root, cube := new(big.Int), new(big.Int)
	for bit := 40; bit >= 0; bit-- {
		root.SetBit(root, bit, 1)
		if cube.Exp(root, big.NewInt(3), nil).Cmp(scaled) > 0 {
			root.SetBit(root, bit, 0)
		}
	}
	return uint32(root.Uint64())
}

// byteOrder is the order in which PSHUFB turns the bytes of four words.
func byteOrder() operand.Mem {
	order := GLOBL("order", attr.RODATA|attr.NOPTR)
	for i := range 4 {
		first := uint32(4 * i)
		DATA(4*i, operand.U32(first<<24|(first+1)<<16|(first+2)<<8|first+3))
	}
	return order
}
