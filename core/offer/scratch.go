package offer

import (
	"sync"
	"sync/atomic"

	"libcallkey/core/stanza"
)

// scratch is the memory that an offer is made in, and where it stands in the end. It serves the next offer
// again: if each had new memory, two threads would often wait for the garbage collector. There are no
// secrets in it.
type scratch struct {
	results []result
	tos     []stanza.To
	wire    []byte

	loans atomic.Uint64 // how often an offer gave it back

	mu          sync.Mutex // over the rest: devices are sealed for on several threads
	ciphertexts []byte     // memory for them
	used        int        // of it
	short       int        // what there was no room for
}

// About as much memory as this waits for the next offer, at most: enough for one to 500 devices.
const (
	maxScratchBytes   = 128 << 10
	maxScratchDevices = 512
)

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// begin makes room for n devices. The ciphertexts of a run before are not used any more.
func (m *scratch) begin(n int) {
	m.clear()
	if n > cap(m.results) {
		m.results, m.tos = make([]result, 0, n), make([]stanza.To, 0, n)
	}
	m.results = m.results[:n]
	if more := m.used + m.short; m.short > 0 && more <= maxScratchBytes {
		m.ciphertexts = make([]byte, more+more/8)
	}
	m.used, m.short = 0, 0
}

func (m *scratch) clear() {
	clear(m.results)
	clear(m.tos)
	m.results, m.tos = m.results[:0], m.tos[:0]
}

// Room returns memory for n bytes of ciphertexts.
func (m *scratch) Room(n int) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n > len(m.ciphertexts)-m.used {
		m.short += n
		return make([]byte, n)
	}
	m.used += n
	return m.ciphertexts[m.used-n : m.used : m.used]
}

// ownMemory is that of ciphertexts that the caller gets.
type ownMemory struct{}

func (ownMemory) Room(n int) []byte { return make([]byte, n) }

// release gives the memory to the next offer.
func (m *scratch) release() {
	m.clear()
	if cap(m.results) > maxScratchDevices {
		m.results, m.tos = nil, nil
	}
	if cap(m.wire) > maxScratchBytes {
		m.wire = nil
	}
	scratches.Put(m)
}
