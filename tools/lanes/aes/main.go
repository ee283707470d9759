// Aes writes the assembly of core/aes, with the instructions AES and PCLMULQDQ of amd64. Functions
// that take a key have its schedule in their own frame, and clear it; those of GCM share one.
//
// `make generate` starts it in core/aes, with the names of the files to write.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!purego")
	c := newConstants()
	encrypt(c)
	encryptCBC(c)
	decryptCBC(c)
	gcm(c)
	Generate()
}

// states are the registers of blocks, and the others of what is needed beside them.
var (
	states   = []reg.VecPhysical{reg.X0, reg.X1, reg.X2, reg.X3, reg.X4, reg.X5, reg.X6, reg.X7}
	previous = reg.X8 // the last block of ciphertext
	t        = reg.X9
)

func encrypt(c constants) {
	function("encrypt", "func(key *[16]byte, p []byte)",
		"encrypt encrypts each block of p by itself, with AES-128.")
	k := newSchedule(10)
	k.expand128(operand.Mem{Base: Load(Param("key"), GP64())}, c)
	p := Load(Param("p").Base(), GP64())
	left := Load(Param("p").Len(), GP64())
	for _, width := range []int{8, 2, 1} {
		here := states[:width]
		loop(width, left, func() {
			for i, state := range here {
				MOVUPS(operand.Mem{Base: p, Disp: blockBytes * i}, state)
			}
			k.encrypt(here)
			for i, state := range here {
				MOVUPS(state, operand.Mem{Base: p, Disp: blockBytes * i})
			}
			ADDQ(operand.Imm(uint64(blockBytes*width)), p)
		})
	}
	k.end(here(states...), here(t))
}

func encryptCBC(c constants) {
	function("encryptCBC", "func(key *[32]byte, iv *[16]byte, p []byte)",
		"encryptCBC encrypts the blocks of p with AES-256 in the mode CBC.")
	k := newSchedule(14)
	k.expand256(operand.Mem{Base: Load(Param("key"), GP64())}, c)
	MOVUPS(operand.Mem{Base: Load(Param("iv"), GP64())}, previous)
	p := Load(Param("p").Base(), GP64())
	left := Load(Param("p").Len(), GP64())
	loop(1, left, func() {
		MOVUPS(operand.Mem{Base: p}, t)
		PXOR(t, previous)
		k.encrypt(here(previous))
		MOVUPS(previous, operand.Mem{Base: p})
		ADDQ(operand.Imm(blockBytes), p)
	})
	k.end(here(states...), here(previous, t))
}

func decryptCBC(c constants) {
	function("decryptCBC", "func(key *[32]byte, iv *[16]byte, plaintext *byte, p []byte)",
		"decryptCBC decrypts the blocks of p with AES-256 in the mode CBC, and writes as many to plaintext.")
	k := newSchedule(14)
	k.expand256(operand.Mem{Base: Load(Param("key"), GP64())}, c)
	k.invert()
	MOVUPS(operand.Mem{Base: Load(Param("iv"), GP64())}, previous)
	plaintext := Load(Param("plaintext"), GP64())
	p := Load(Param("p").Base(), GP64())
	left := Load(Param("p").Len(), GP64())
	for _, width := range []int{4, 1} {
		here := states[:width]
		loop(width, left, func() {
			for i, state := range here {
				MOVUPS(operand.Mem{Base: p, Disp: blockBytes * i}, state)
			}
			k.decrypt(here)
			for i, state := range here {
				PXOR(previous, state)
				MOVUPS(operand.Mem{Base: p, Disp: blockBytes * i}, previous)
			}
			for i, state := range here {
				MOVUPS(state, operand.Mem{Base: plaintext, Disp: blockBytes * i})
			}
			ADDQ(operand.Imm(uint64(blockBytes*width)), p)
			ADDQ(operand.Imm(uint64(blockBytes*width)), plaintext)
		})
	}
	k.end(here(states...), here(previous, t))
}

// loop repeats body as long as width blocks are left.
func loop(width int, left reg.Register, body func()) {
	namedLoop(fmt.Sprintf("by%d", width), fmt.Sprintf("after%d", width), width, left, body)
}

func namedLoop(again, done string, width int, left reg.Register, body func()) {
	Label(again)
	SUBQ(operand.Imm(uint64(blockBytes*width)), left)
	JCS(operand.LabelRef(done))
	body()
	JMP(operand.LabelRef(again))
	Label(done)
	ADDQ(operand.Imm(uint64(blockBytes*width)), left)
}

func here(registers ...reg.VecPhysical) []reg.VecPhysical { return registers }

func function(name, signature string, doc ...string) {
	TEXT(name, 0, signature)
	Doc(doc...)
	Pragma("noescape")
}
