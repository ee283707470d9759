//go:build !purego

package lanes

import (
	"encoding/binary"
	"sync"

	"golang.org/x/sys/cpu"
)

// available is changed by tests only.
var available = cpu.X86.HasAVX512F && cpu.X86.HasAVX512IFMA

// Available reports whether the processor has the instructions and the system saves their
// registers. Without it Multiply must not be called. GODEBUG=cpu.avx512ifma=off turns it off.
func Available() bool { return available }

// together is how many groups of eight jobs share an inversion.
const together = 4

// ladders is the memory of some groups.
type ladders struct {
	scalars  [4][Width]uint64
	u        element
	points   [together][4]element // x2, z2, x3, z3
	products [together]element    // of the denominators z2, up to each group
	inverse  element
	one      element
}

// spare are ladders that were cleared. They are too large for a stack: that of a host's thread would grow, and
// secret.Do would erase twice as much after every later call.
var spare = sync.Pool{New: func() any { return new(ladders) }}

// Multiply does the jobs.
func Multiply(jobs []Job) {
	l := spare.Get().(*ladders)
	defer func() {
		*l = ladders{}
		spare.Put(l)
	}()
	for len(jobs) > 0 {
		n := min(len(jobs), together*Width)
		l.multiply(jobs[:n])
		jobs = jobs[n:]
	}
}

func (l *ladders) multiply(jobs []Job) {
	groups := (len(jobs) + Width - 1) / Width
	for g := range groups {
		here := group(jobs, g)
		l.climb(here, &l.points[g])
		denominators := &l.points[g][1]
		for lane := range here {
			here[lane].Infinite = one(denominators, lane)
		}
		for lane := len(here); lane < Width; lane++ {
			one(denominators, lane)
		}
		l.products[g] = *denominators
		if g > 0 {
			multiply(&l.products[g], &l.products[g], &l.products[g-1])
		}
	}
	// One inversion for all: then each group takes its own from the product.
	invert(&l.inverse, &l.products[groups-1])
	for g := groups - 1; g >= 0; g-- {
		p := &l.points[g]
		l.one = l.inverse
		if g > 0 {
			multiply(&l.one, &l.inverse, &l.products[g-1])
			multiply(&l.inverse, &l.inverse, &p[1])
		}
		multiply(&p[0], &p[0], &l.one)
		for lane, job := range group(jobs, g) {
			get(&p[0], lane, job.X)
			if job.Infinite {
				*job.X = [32]byte{}
			}
			if job.Next != nil {
				get(&p[2], lane, &job.Next[0])
				get(&p[3], lane, &job.Next[1])
			}
		}
	}
}

func group(jobs []Job, g int) []Job { return jobs[g*Width : min(len(jobs), (g+1)*Width)] }

// climb runs the ladders of up to eight jobs. Lanes without a job multiply 0 by 0.
func (l *ladders) climb(jobs []Job, points *[4]element) {
	l.scalars = [4][Width]uint64{}
	l.u = element{}
	for lane := range jobs {
		job := &jobs[lane]
		for i := range l.scalars {
			l.scalars[i][lane] = binary.LittleEndian.Uint64(job.Scalar[8*i:])
		}
		if job.Clamp {
			l.scalars[0][lane] &^= 7
			l.scalars[3][lane] |= 1 << 62
		}
		set(&l.u, lane, job.U)
	}
	ladder(points, &l.u, &l.scalars)
}

// one makes a lane that is 0 a 1, so that it has an inverse, and reports whether it was 0.
func one(e *element, lane int) bool {
	var b [32]byte
	get(e, lane, &b)
	var all uint64
	for i := range 4 {
		all |= binary.LittleEndian.Uint64(b[8*i:])
	}
	clear(b[:])
	zero := 1 ^ (all|-all)>>63
	for i := range e {
		e[i][lane] &^= -zero
	}
	e[0][lane] |= zero
	return zero == 1
}
