// Package parallel spreads work over the processors.
//
// Secrets: a goroutine that is started inside secret.Do is not erased, so work on secrets
// enters it in each range on its own.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const turnEvery = 250 * time.Microsecond

// Ranges cuts 0..n into pieces of equal size, give or take one, and calls work for each of
// them, on as many processors as there are. It returns when all calls have ended. The
// caller is one of the workers, so with one piece no goroutine is started. Calls are in no
// order: what is to have one, work writes to a place of its own.
//
// If the workers have all processors, another goroutine has its turn each quarter of a millisecond,
// between two pieces: a call of another thread would wait for 10 ms and more otherwise. A turn costs
// some microseconds, most of them for a caller on a thread of the host.
//
// A panic in a call is raised in the caller, after the others: in a goroutine of its own
// nobody could recover it, and it would end the host's process.
func Ranges(n, pieces int, work func(from, to int)) {
	if pieces == 1 {
		work(0, n) // with no allocation of ours
		return
	}
	processors := runtime.GOMAXPROCS(0)
	workers := min(processors, pieces)
	var next atomic.Int64
	var failure atomic.Pointer[any]
	worker := func() {
		defer func() {
			if r := recover(); r != nil {
				failure.Store(&r)
			}
		}()
		turn := time.Now()
		for i := int(next.Add(1)) - 1; i < pieces; i = int(next.Add(1)) - 1 {
			work(n*i/pieces, n*(i+1)/pieces)
			if workers == processors && time.Since(turn) > turnEvery {
				runtime.Gosched()
				turn = time.Now()
			}
		}
	}
	var others sync.WaitGroup
	for range workers - 1 {
		others.Go(worker)
	}
	worker()
	others.Wait()
	if r := failure.Load(); r != nil {
		panic(*r)
	}
}
