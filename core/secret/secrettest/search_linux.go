package secrettest

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// least is the minimum length of a secret: shorter ones would be found by chance.
const least = 12

// A Search finds secrets left in the memory of this process: on the heap and on the stacks, in
// use or not. The garbage collector is off until the test ends, so that it does not affect the
// result.
type Search struct {
	t       testing.TB
	names   []string
	secrets [][]byte // masked, so that they are not found here
	buffer  []byte   // outside the searched memory
}

const (
	mask       = 0xa7
	bufferSize = 1 << 20

	undisturbed = "asyncpreemptoff=1"
)

// NewSearch begins a search in a new process that runs only this test: there the runtime must not
// interrupt threads by a signal, because the kernel would write their registers to a stack that is
// never cleared. In the parent it returns nil, and the test is done.
func NewSearch(t testing.TB) *Search {
	t.Helper()
	if os.Getenv("GODEBUG") != undisturbed {
		name := "^" + strings.ReplaceAll(regexp.QuoteMeta(t.Name()), "/", "$/^") + "$"
		c := exec.Command(os.Args[0], "-test.run="+name, "-test.v", fmt.Sprintf("-test.short=%v", testing.Short()))
		c.Env = append(os.Environ(), "GODEBUG="+undisturbed)
		if out, err := c.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) { // public: what a test prints
			t.Errorf("%v\n%s", err, out)
		}
		return nil
	}
	buffer, err := syscall.Mmap(-1, 0, bufferSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	before := debug.SetGCPercent(-1)
	t.Cleanup(func() {
		debug.SetGCPercent(before)
		clear(buffer)
		syscall.Munmap(buffer)
	})
	return &Search{t: t, buffer: buffer}
}

// Random makes n random bytes on the heap: a stack that grows leaves an old copy behind.
//
//go:noinline
func Random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// For records secrets under a name. They stay in place; their owner wipes them before
// Left.
func (s *Search) For(name string, secrets ...[]byte) {
	for _, secret := range secrets {
		if len(secret) < least {
			s.t.Fatalf("%s has %d bytes", name, len(secret))
		}
		masked := make([]byte, len(secret))
		for i := range secret {
			masked[i] = secret[i] ^ mask
		}
		s.names, s.secrets = append(s.names, name), append(s.secrets, masked)
	}
}

// Left returns the names of the secrets that are still in memory, each once and in
// order.
func (s *Search) Left() (names []string) {
	s.t.Helper()
	starts := map[uint64][]int{} // the secrets that begin with eight bytes, masked
	longest := 0
	for i, secret := range s.secrets {
		start := binary.LittleEndian.Uint64(secret)
		starts[start], longest = append(starts[start], i), max(longest, len(secret))
	}
	var first [1 << 16]bool // of their first bytes
	for start := range starts {
		first[uint16(start)] = true
	}
	memory, err := os.Open("/proc/self/mem")
	if err != nil {
		s.t.Fatal(err)
	}
	defer memory.Close()
	found := map[string]bool{}
	for _, r := range s.regions() {
		for at := r.from; at < r.to; at += bufferSize - uint64(longest) {
			n, err := memory.ReadAt(s.buffer[:min(bufferSize, r.to-at)], int64(at))
			if err != nil {
				break // it is gone, or not ours
			}
			window := s.buffer[:n]
			for i := 0; i+least <= n; i++ {
				if !first[binary.LittleEndian.Uint16(window[i:])^(mask<<8|mask)] {
					continue
				}
				for _, which := range starts[binary.LittleEndian.Uint64(window[i:])^(mask*0x0101010101010101)] {
					if s.is(which, window[i:]) {
						found[s.names[which]] = true
					}
				}
			}
		}
	}
	clear(s.buffer)
	for _, name := range s.names {
		if found[name] && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (s *Search) is(which int, window []byte) bool {
	secret := s.secrets[which]
	if len(window) < len(secret) {
		return false
	}
	for i := range secret {
		if window[i]^mask != secret[i] {
			return false
		}
	}
	return true
}

type region struct{ from, to uint64 }

// regions returns the memory that the process can write to, except the buffer.
func (s *Search) regions() (all []region) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		s.t.Fatal(err)
	}
	from := uint64(uintptr(unsafe.Pointer(&s.buffer[0])))
	to := from + bufferSize
	for lines := bufio.NewScanner(bytes.NewReader(maps)); lines.Scan(); {
		var r region
		var may string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &r.from, &r.to, &may); err != nil {
			s.t.Fatal(err)
		}
		switch {
		case !strings.HasPrefix(may, "rw"):
		case r.from <= from && to <= r.to:
			all = append(all, region{r.from, from}, region{to, r.to})
		default:
			all = append(all, r)
		}
	}
	return all
}
