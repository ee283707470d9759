package parallel

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// on sets the number of processors for a test.
func on(t *testing.T, processors int) {
	before := runtime.GOMAXPROCS(processors)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

// If this failed, a device of an offer would be sealed for twice or not at all, or a
// participant's keys would be left zero.
func TestEachPlaceIsMetOnce(t *testing.T) {
	for _, processors := range []int{1, 2, 5} {
		t.Run(fmt.Sprint(processors, " processors"), func(t *testing.T) {
			on(t, processors)
			for pieces := range 9 {
				for n := pieces; n < 4*pieces+2; n++ {
					var mu sync.Mutex
					times := make([]int, n)
					calls := 0
					Ranges(n, pieces, func(from, to int) {
						mu.Lock()
						defer mu.Unlock()
						calls++
						if size := to - from; size < n/pieces || size > (n+pieces-1)/pieces {
							t.Errorf("%d in %d pieces: one from %d to %d", n, pieces, from, to)
						}
						for i := from; i < to; i++ {
							times[i]++
						}
					})
					if calls != pieces {
						t.Errorf("%d in %d pieces: %d calls", n, pieces, calls)
					}
					for i, count := range times {
						if pieces > 0 && count != 1 {
							t.Errorf("%d in %d pieces: place %d was met %d times", n, pieces, i, count)
						}
					}
				}
			}
		})
	}
}

// If this failed, an offer that is written while a device is still being sealed for would
// leave it out.
func TestAllAreDone(t *testing.T) {
	on(t, 4)
	var running atomic.Int32
	for round := range 300 {
		Ranges(12, 3, func(from, _ int) {
			running.Add(1)
			for range (from/4 + round) % 4 * 50 {
				runtime.Gosched()
			}
			running.Add(-1)
		})
		if n := running.Load(); n != 0 {
			t.Fatalf("round %d: %d pieces are still being worked on", round, n)
		}
	}
}

// If this failed, a second processor would not help.
func TestOthersWorkToo(t *testing.T) {
	on(t, 2)
	var met sync.WaitGroup
	met.Add(2)
	Ranges(2, 2, func(int, int) {
		met.Done()
		met.Wait() // for the other one
	})
}

// If this failed, the call of another thread would wait for a whole fan-out.
func TestOthersHaveTheirTurn(t *testing.T) {
	on(t, 1)
	const others, pieces = 4, 200
	var had, before atomic.Int64 // all, and before the last piece
	for range others {
		go had.Add(1)
	}
	Ranges(pieces, pieces, func(_, to int) {
		for began := time.Now(); time.Since(began) < turnEvery/50; {
		}
		if to == pieces {
			before.Store(had.Load())
		}
	})
	if n := before.Load(); n != others {
		t.Errorf("%d of %d goroutines had their turn", n, others)
	}
}

// Nobody could recover a panic in another goroutine: it would end the host's process.
func TestPanicOfAnotherGoroutine(t *testing.T) {
	on(t, 2)
	caller := goroutine()
	defer func() {
		if r := recover(); r != "not the caller" {
			t.Errorf("the caller got %v", r)
		}
	}()
	var met sync.WaitGroup
	met.Add(2)
	Ranges(2, 2, func(int, int) {
		met.Done()
		met.Wait() // so that each of the two has a piece
		if goroutine() != caller {
			panic("not the caller")
		}
	})
}

// goroutine is the name of the goroutine that calls it.
func goroutine() string {
	var stack [64]byte
	name, _, _ := strings.Cut(string(stack[:runtime.Stack(stack[:], false)]), " [")
	return name
}

// If this failed, a bug in one piece would stop the others, or get lost.
func TestPanicIsTheCallers(t *testing.T) {
	for _, processors := range []int{2, 4} {
		on(t, processors)
		for bad := range 6 {
			done := make([]bool, 6)
			said := func() (said any) {
				defer func() { said = recover() }()
				Ranges(12, 6, func(from, to int) {
					if from/2 == bad {
						panic(fmt.Sprint("piece ", bad))
					}
					done[from/2] = true
				})
				return nil
			}()
			if said != fmt.Sprint("piece ", bad) {
				t.Errorf("a panic in piece %d is %v", bad, said)
			}
			for i := range done {
				if done[i] != (i != bad) {
					t.Errorf("piece %d panicked, and piece %d was done: %t", bad, i, done[i])
				}
			}
		}
	}
}
