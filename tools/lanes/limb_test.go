package main

import (
	"testing"

	"github.com/mmcloughlin/avo/operand"
)

// If this failed, assembly could be written that loses a bit of a secret once in 2^50 times.
func TestBounds(t *testing.T) {
	word := func(max uint64) limb { return limb{reg: take(), max: max} }
	carried := limb{max: 1 << 60, low: true}
	bound := func(e element) element {
		for i := range e {
			e[i].reg = vectors[i]
		}
		return e
	}
	for name, work := range map[string]struct{ within, beyond func() }{
		"a sum": {
			func() { plus(word(1<<63), word(1<<63-1)) },
			func() { plus(word(1<<63), word(1<<63)) },
		},
		"a factor": {
			func() { l := zero(); l.addLow(word(1<<52-1), word(1)) },
			func() { l := zero(); l.addLow(word(1<<52), word(1)) },
		},
		"an accumulation": {
			func() { l := word(1<<64 - 1<<52); l.addLow(word(1<<52-1), word(2)) },
			func() { l := word(1<<64 - 1<<52 + 1); l.addLow(word(1<<52-1), word(2)) },
		},
		"a high half": {
			func() { l := word(1<<64 - 2); l.addHigh(word(1<<51), word(2)) },
			func() { l := word(1<<64 - 2); l.addHigh(word(1<<51), word(4)) },
		},
		"a product of 52 bits": {
			func() { l := zero(); l.addAll(word(1<<51), word(1)) },
			func() { l := zero(); l.addAll(word(1<<51), word(2)) },
		},
		"a difference": {
			func() { minus(word(1), word(9), word(9)) },
			func() { minus(word(1), word(10), word(9)) },
		},
		"a carried limb": {
			func() { l := zero(); l.addLow(carried, word(1)) },
			func() { plus(carried, word(1)) },
		},
		"a carried limb that is shifted": {
			func() { word(1 << 60).from(52) },
			func() { carried.from(52) },
		},
		"limbs that are chosen from": {
			func() { pick(word(1), operand.Mem{}, word(2), masks[0]) },
			func() { pick(word(1), operand.Mem{}, carried, masks[0]) },
		},
		"a square": {
			func() { newConstants().square(bound(ready)) },
			func() { e := bound(ready); e[4].max = 1 << 49; newConstants().square(e) },
		},
		"a product that is ready": {
			func() { e := bound(reduced); e.within("it", &ready) },
			func() { e := bound(weak); e.within("it", &ready) },
		},
	} {
		for _, beyond := range []bool{false, true} {
			free = append(free[:0], vectors...)
			if name == "a square" {
				free = append(free[:0], vectors[limbs:]...)
			}
			run := work.within
			if beyond {
				run = work.beyond
			}
			if panicked(run) != beyond {
				t.Errorf("%s, beyond its bound: %v, is judged wrongly", name, beyond)
			}
		}
	}
}

func panicked(work func()) (did bool) {
	defer func() { did = recover() != nil }()
	work()
	return false
}

// If this failed, two numbers would be in one register.
func TestRegisters(t *testing.T) {
	free = append(free[:0], vectors...)
	r := take()
	putBack(r)
	if !panicked(func() { putBack(r) }) {
		t.Error("a register is free twice")
	}
	for range vectors {
		take()
	}
	if !panicked(func() { take() }) {
		t.Error("there is one register too many")
	}
}
