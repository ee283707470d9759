package toy

import (
	"sync"
	"testing"
)

// It does not look at the key, nor at what Close does.
func TestAdd(t *testing.T) {
	s := Sum{key: [16]byte{1}}
	if s.Add(40) != nil || s.Add(41) == nil || s.Add(42) == nil {
		t.Error("the bound is not 40")
	}
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for range 1000 {
				s.Add(1)
			}
		})
	}
	group.Wait()
	if s.total < 1040 {
		t.Errorf("the sum is %d", s.total)
	}
	s.Close()
}
