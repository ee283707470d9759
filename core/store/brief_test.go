package store

import (
	"sync"
	"testing"
	"time"
)

// If this failed, two calls would change the kept sessions at once, or one would never go on.
func TestBrief(t *testing.T) {
	for name, hold := range map[string]time.Duration{"shorter than the tries": 0, "longer": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			var lock brief
			var threads sync.WaitGroup
			inside, times := 0, 0 // the race detector sees both
			for range 4 {
				threads.Go(func() {
					for range 50 {
						lock.Lock()
						if inside++; inside != 1 {
							t.Errorf("%d have it", inside)
						}
						time.Sleep(hold)
						inside--
						times++
						lock.Unlock()
					}
				})
			}
			threads.Wait()
			if times != 200 {
				t.Errorf("%d times, want 200", times)
			}
		})
	}
}
