package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// avo's allocator finds no colouring for the ladder: there are too many registers alive at once
// where a product is reduced. So registers are taken from this list and put back by hand.
var free []reg.VecPhysical

var vectors = []reg.VecPhysical{
	reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
	reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
	reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
	reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
}

func take() reg.VecPhysical {
	if len(free) == 0 {
		panic("no vector register is free")
	}
	r := free[0]
	free = free[1:]
	return r
}

func putBack(r reg.VecPhysical) {
	for _, other := range free {
		if other == r {
			panic("a vector register is put back twice")
		}
	}
	free = append(free, r)
}

// function begins a function; all vector registers are free.
func function(name, signature, doc string) {
	free = append(free[:0], vectors...)
	build.TEXT(name, 0, signature)
	build.Doc(doc)
	build.Pragma("noescape")
}

// masks are the mask registers that the ladder uses.
var masks = []reg.OpmaskPhysical{reg.K1, reg.K2, reg.K3}

// end clears every vector register, the masks and size bytes of the frame, and returns. The
// other registers hold addresses and counts.
func end(frame operand.Mem, size int) {
	build.VZEROALL()
	for _, r := range vectors[16:] {
		build.VMOVDQA64(reg.Z0, r)
	}
	for at := 0; at < size; at += laneBytes {
		build.VMOVDQA64(reg.Z0, frame.Offset(at))
	}
	for _, k := range masks {
		build.KXORW(k, k, k)
	}
	build.VZEROUPPER()
	build.RET()
}
