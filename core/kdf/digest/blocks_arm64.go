//go:build !purego

package digest

import "golang.org/x/sys/cpu"

var available = cpu.ARM64.HasSHA2

// blocks takes the blocks of p, which are whole ones.
//
//go:noescape
func blocks(state *[8]uint32, p []byte)

// pair takes block p into the state a and block q into the state b.
//
//go:noescape
func pair(a, b *[8]uint32, p, q *[64]byte)

func keyed(inner, outer *[8]uint32, key *[BlockBytes]byte) {
	keyedByBlocks((*State)(inner), (*State)(outer), key)
}

func last(out *[Bytes]byte, outer, inner *[8]uint32) {
	lastByBlocks(out, (*State)(outer), (*State)(inner))
}

func lastPair(a, b *[Bytes]byte, outerA, outerB, innerA, innerB *[8]uint32) {
	var p, q [BlockBytes]byte
	lastBlock(&p, (*State)(innerA))
	lastBlock(&q, (*State)(innerB))
	s, t := State(*outerA), State(*outerB)
	TakeBoth(&s, &t, &p, &q)
	s.Put(a)
	t.Put(b)
	clear(s[:])
	clear(t[:])
	clear(p[:])
	clear(q[:])
}
