package epoch

import (
	"sync"
	"testing"

	"libcallkey/core/callkey"
)

// The receiving thread, the media thread and the one that hangs up use one call's epochs at once.
// A key read halfway through its change would be garbage.
func TestThreads(t *testing.T) {
	var e Epochs
	of := func(number byte) []byte {
		b := make([]byte, callkey.Bytes)
		for i := range b {
			b[i] = number
		}
		return b
	}
	var group sync.WaitGroup
	const rounds = 200
	group.Go(func() {
		for number := range uint32(rounds) {
			e.Add(number+1, of(byte(number+1)))
		}
	})
	group.Go(func() {
		for number := range uint32(rounds) {
			e.Roster(number + 1)
		}
	})
	group.Go(func() {
		for range rounds / 10 {
			e.Wipe()
		}
	})
	for range 2 {
		group.Go(func() {
			var key [callkey.Bytes]byte
			for range rounds {
				number, err := e.Current(&key)
				if err == nil && key != [callkey.Bytes]byte(of(byte(number))) {
					t.Errorf("epoch %d is %x", number, key)
				}
			}
		})
	}
	group.Wait()
}
