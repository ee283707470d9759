package offer

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"libcallkey/core/stanza"
	"libcallkey/core/status"
	"libcallkey/core/store"
)

// Each device must be sealed for once, whatever their number and that of the processors.
func TestEveryDeviceIsInOneBatch(t *testing.T) {
	for _, processors := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(processors)
		for n := range 4*store.Batch + 2 {
			var mu sync.Mutex
			times := make([]int, n)
			inBatches(n, func(from, to int) {
				mu.Lock()
				defer mu.Unlock()
				if to <= from || to-from > store.Batch {
					t.Errorf("%d devices: a batch from %d to %d", n, from, to)
				}
				for i := from; i < to; i++ {
					times[i]++
				}
			})
			for i, count := range times {
				if count != 1 {
					t.Errorf("%d devices on %d processors: device %d was met %d times", n, processors, i, count)
				}
			}
		}
		runtime.GOMAXPROCS(before)
	}
}

// An offer that is written while a device is still being sealed for leaves it out.
func TestAllBatchesAreDone(t *testing.T) {
	before := runtime.GOMAXPROCS(4)
	defer runtime.GOMAXPROCS(before)
	var running atomic.Int32
	for round := range 300 {
		inBatches(3*store.Batch, func(from, _ int) {
			running.Add(1)
			for range (from/store.Batch + round) % 4 * 50 {
				runtime.Gosched()
			}
			running.Add(-1)
		})
		if n := running.Load(); n != 0 {
			t.Fatalf("round %d: %d batches are still being worked on", round, n)
		}
	}
}

// Nobody could recover a panic in another goroutine: it would end the host.
func TestPanicInABatchIsTheCallers(t *testing.T) {
	before := runtime.GOMAXPROCS(4)
	defer runtime.GOMAXPROCS(before)
	for at := range 6 {
		done := make([]bool, 6)
		said := func() (said any) {
			defer func() { said = recover() }()
			inBatches(6*store.Batch, func(from, _ int) {
				if from/store.Batch == at {
					panic(fmt.Sprint("batch ", at))
				}
				done[from/store.Batch] = true
			})
			return nil
		}()
		if said != fmt.Sprint("batch ", at) {
			t.Errorf("a panic in batch %d is %v", at, said)
		}
	}
}

// If this failed, an app would be told too little room, or more than any call takes.
func TestSealedBody(t *testing.T) {
	if sealedBody != 64 { // 52 bytes of plaintext at most, with 1 to 16 of padding
		t.Errorf("a sealed key has up to %d bytes", sealedBody)
	}
}

// An offer can name as many devices as a stanza has room for.
func TestMostDevices(t *testing.T) {
	s, err := store.Open("", nil, store.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	key := make([]byte, 32)
	key[0] = 1
	jids := make([]string, stanza.MaxDevices+1)
	for i := range jids {
		jids[i] = fmt.Sprintf("%d:0@lid", i+1)
	}
	if sealed, err := Seal(s, key, jids, nil, -1); status.Of(err) != status.Argument || sealed.Statuses != nil {
		t.Errorf("one too many: %v", err)
	}
	sealed, err := Seal(s, key, jids[1:], nil, -1)
	if status.Of(err) != status.NoDevices || len(sealed.Statuses) != stanza.MaxDevices {
		t.Fatalf("as many as there may be: %v", err)
	}
	for i, code := range sealed.Statuses {
		if code != status.NoSession || sealed.EncTypes[i] != stanza.EncNone {
			t.Fatalf("device %d: %s", i, code.Name())
		}
	}
}
