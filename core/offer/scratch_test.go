package offer

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"libcallkey/core/stanza"
)

// If this failed, an offer would have another device's or another offer's ciphertexts.
func TestScratch(t *testing.T) {
	t.Run("each ciphertext has memory of its own", func(t *testing.T) {
		var m scratch
		for run := range 4 {
			m.begin(10)
			var mu sync.Mutex
			var all [][]byte
			var threads sync.WaitGroup
			for range 4 {
				threads.Go(func() {
					for i := range 30 {
						one := m.Room(i)
						if len(one) != i || cap(one) != i {
							t.Errorf("%d bytes, and memory for %d, want %d", len(one), cap(one), i)
						}
						mu.Lock()
						all = append(all, one)
						mu.Unlock()
					}
				})
			}
			threads.Wait()
			for i := range all {
				for k := range all[i] {
					all[i][k] = byte(i)
				}
			}
			for i, one := range all {
				if !bytes.Equal(one, bytes.Repeat([]byte{byte(i)}, len(one))) {
					t.Errorf("run %d: the memory of ciphertext %d was given twice", run, i)
				}
			}
			if own := m.short > 0; own != (run == 0) {
				t.Errorf("run %d: there is not enough memory: %v", run, own)
			}
		}
	})
	t.Run("it forgets", func(t *testing.T) {
		for _, n := range []int{3, maxScratchDevices + 1} {
			var m scratch
			m.begin(n)
			m.results[1].to, _ = stanza.NewTo(stanza.Enc{JID: "1@s.whatsapp.net", Type: stanza.EncMsg, Ciphertext: make([]byte, 9)})
			m.tos = append(m.tos, m.results[1].to)
			m.wire = make([]byte, maxScratchBytes-3+n)
			results, tos := m.results, m.tos
			m.release()
			if s := fmt.Sprint(results, tos); s != fmt.Sprint(make([]result, n), make([]stanza.To, 1)) {
				t.Errorf("%d devices: it has %s", n, s)
			}
			if small := n == 3; small != (m.wire != nil) || small != (m.results != nil) {
				t.Errorf("%d devices: it keeps %d results and %d bytes", n, cap(m.results), cap(m.wire))
			}
		}
	})
}
