package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const blockBytes = 16

// constants is what the key schedules add: the round constants (FIPS 197 §5.2), in each word of a
// vector, and the order of PSHUFB that turns the last word and puts it into all four.
type constants struct{ rounds, turn operand.Mem }

func newConstants() (c constants) {
	c.rounds = GLOBL("rounds", attr.RODATA|attr.NOPTR)
	x := uint32(1)
	for i := range 10 {
		for word := range 4 {
			DATA(blockBytes*i+4*word, operand.U32(x))
		}
		if x <<= 1; x > 0xff {
			x ^= 0x11b
		}
	}
	c.turn = GLOBL("turn", attr.RODATA|attr.NOPTR)
	for word := range 4 {
		DATA(4*word, operand.U32(0x0c0f0e0d))
	}
	return c
}

// A schedule is the keys of the rounds, in the frame, at whole multiples of 16 bytes: so the
// instructions take them from there.
type schedule struct {
	base   reg.Register
	rounds int
}

func newSchedule(rounds int) schedule {
	frame := AllocLocal(blockBytes*(rounds+1) + blockBytes)
	base := GP64()
	LEAQ(frame.Offset(blockBytes-1), base)
	ANDQ(operand.I8(-blockBytes), base)
	return schedule{base, rounds}
}

func (k schedule) at(i int) operand.Mem {
	return operand.Mem{Base: k.base, Disp: blockBytes * i}
}

// sums makes the words of key the sums of those up to each.
func sums(key reg.VecPhysical) {
	for _, bytes := range []uint8{4, 8} {
		MOVAPS(key, t)
		PSLLDQ(operand.U8(bytes), t)
		PXOR(t, key)
	}
}

// next makes key, of which a round key was made, that of a later round. from is the round key before
// the new one: its last word is substituted, by AESENCLAST, which leaves the rows as they are where
// all four columns are the same. It is turned if there is a round constant.
func next(key, from reg.VecPhysical, c constants, round int) {
	word := states[7]
	MOVAPS(from, word)
	if round > 0 {
		PSHUFB(c.turn, word)
		AESENCLAST(c.rounds.Offset(blockBytes*(round-1)), word)
	} else {
		PSHUFD(operand.U8(0xff), word, word)
		AESENCLAST(states[6], word)
	}
	sums(key)
	PXOR(word, key)
}

// expand128 puts the schedule anywhere: GCM's is not at a multiple of 16 bytes.
func (k schedule) expand128(key operand.Mem, c constants) {
	round := states[0]
	MOVUPS(key, round)
	MOVUPS(round, k.at(0))
	for i := 1; i <= k.rounds; i++ {
		next(round, round, c, i)
		MOVUPS(round, k.at(i))
	}
}

func (k schedule) expand256(key operand.Mem, c constants) {
	even, odd, zero := states[0], states[1], states[6]
	PXOR(zero, zero)
	MOVUPS(key, even)
	MOVUPS(key.Offset(blockBytes), odd)
	MOVAPS(even, k.at(0))
	MOVAPS(odd, k.at(1))
	for i := 2; i <= k.rounds; i++ {
		if i%2 == 0 {
			next(even, odd, c, i/2)
			MOVAPS(even, k.at(i))
		} else {
			next(odd, even, c, 0)
			MOVAPS(odd, k.at(i))
		}
	}
}

// invert makes the schedule that of decrypt (FIPS 197 §5.3.5).
func (k schedule) invert() {
	for i := 1; i < k.rounds; i++ {
		state := states[i%len(states)]
		AESIMC(k.at(i), state)
		MOVAPS(state, k.at(i))
	}
}

// encrypt encrypts the blocks in some registers.
func (k schedule) encrypt(blocks []reg.VecPhysical) {
	for i := range k.rounds + 1 {
		for _, state := range blocks {
			switch i {
			case 0:
				PXOR(k.at(i), state)
			case k.rounds:
				AESENCLAST(k.at(i), state)
			default:
				AESENC(k.at(i), state)
			}
		}
	}
}

// decrypt decrypts the blocks in some registers, with a schedule that invert made.
func (k schedule) decrypt(blocks []reg.VecPhysical) {
	for i := k.rounds; i >= 0; i-- {
		for _, state := range blocks {
			switch i {
			case k.rounds:
				PXOR(k.at(i), state)
			case 0:
				AESDECLAST(k.at(i), state)
			default:
				AESDEC(k.at(i), state)
			}
		}
	}
}

// end clears the schedule and the registers, and returns.
func (k schedule) end(lists ...[]reg.VecPhysical) {
	for _, registers := range lists {
		for _, r := range registers {
			PXOR(r, r)
		}
	}
	for i := range k.rounds + 1 {
		MOVAPS(states[0], k.at(i))
	}
	RET()
}
