package derive

import (
	"sync/atomic"
	"testing"
)

// If this failed, a bug in one share of a batch would end the app's process.
func TestSharesPassPanicsOn(t *testing.T) {
	for bad := range 3 {
		var done atomic.Int32
		func() {
			defer func() {
				if r := recover(); r != "a bug" {
					t.Errorf("share %d panicked and the caller got %v", bad, r)
				}
			}()
			inShares(9, 3, func(from, to int) {
				if from == 3*bad {
					panic("a bug")
				}
				done.Add(int32(to - from))
			})
		}()
		if done.Load() != 6 {
			t.Errorf("share %d panicked and the others did %d of 6", bad, done.Load())
		}
	}
}
