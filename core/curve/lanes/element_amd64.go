//go:build !purego

package lanes

import (
	"encoding/binary"
	"math/bits"
)

// An element holds eight numbers modulo 2^255 - 19, one in each lane, as five limbs: the sum of
// limb i times 2^(52i). Of the first four limbs only the low 52 bits count; the last one is below
// 2^47 + 2^8+1. See `ready` in tools/lanes.
type element = [5][Width]uint64

const (
	mask52 = 1<<52 - 1
	mask47 = 1<<47 - 1
)

// set puts a number into a lane; its last bit is ignored.
func set(e *element, lane int, b *[32]byte) {
	w0, w1 := binary.LittleEndian.Uint64(b[0:]), binary.LittleEndian.Uint64(b[8:])
	w2, w3 := binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])
	e[0][lane] = w0 & mask52
	e[1][lane] = (w0>>52 | w1<<12) & mask52
	e[2][lane] = (w1>>40 | w2<<24) & mask52
	e[3][lane] = (w2>>28 | w3<<36) & mask52
	e[4][lane] = w3 >> 16 & mask47
}

// get returns the number of a lane, reduced.
func get(e *element, lane int, b *[32]byte) {
	l0, l1, l2, l3, l4 := e[0][lane]&mask52, e[1][lane]&mask52, e[2][lane]&mask52, e[3][lane]&mask52, e[4][lane]
	// 2^255 is 19. The sum stays below 2^255: the last limb is small where it has a 48th bit.
	above := l4 >> 47
	l4 &= mask47
	w0, c := bits.Add64(l0|l1<<52, 19*above, 0)
	w1, c := bits.Add64(l1>>12|l2<<40, 0, c)
	w2, c := bits.Add64(l2>>24|l3<<28, 0, c)
	w3, _ := bits.Add64(l3>>36|l4<<16, 0, c)
	// Without p, if it is p or more: then the sum with 19 has bit 255.
	t0, c := bits.Add64(w0, 19, 0)
	t1, c := bits.Add64(w1, 0, c)
	t2, c := bits.Add64(w2, 0, c)
	t3, _ := bits.Add64(w3, 0, c)
	mask := -(t3 >> 63)
	binary.LittleEndian.PutUint64(b[0:], w0^mask&(w0^t0))
	binary.LittleEndian.PutUint64(b[8:], w1^mask&(w1^t1))
	binary.LittleEndian.PutUint64(b[16:], w2^mask&(w2^t2))
	binary.LittleEndian.PutUint64(b[24:], w3^mask&(w3^t3&(1<<63-1)))
}

// invert sets r to the inverses of z: z^(p-2), and p - 2 is 2^255 - 21. The numbers in the names
// are exponents: x5 is z^(2^5 - 1).
func invert(r, z *element) {
	var z2, z11, x5, x10, x20, x40, x50, x100, x200, x250, t element
	square(&z2, z, 1)
	square(&t, &z2, 2)
	multiply(&t, &t, z) // z^9
	multiply(&z11, &t, &z2)
	square(&x5, &z11, 1) // z^22
	multiply(&x5, &x5, &t)
	join := func(r, high, low *element, n uint64) {
		square(&t, high, n)
		multiply(r, &t, low)
	}
	join(&x10, &x5, &x5, 5)
	join(&x20, &x10, &x10, 10)
	join(&x40, &x20, &x20, 20)
	join(&x50, &x40, &x10, 10)
	join(&x100, &x50, &x50, 50)
	join(&x200, &x100, &x100, 100)
	join(&x250, &x200, &x50, 50)
	join(r, &x250, &z11, 5)
	for _, e := range []*element{&z2, &z11, &x5, &x10, &x20, &x40, &x50, &x100, &x200, &x250, &t} {
		*e = element{}
	}
}
