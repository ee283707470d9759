//go:build amd64

package store

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"testing"

	"libcallkey/core/kdf"
	"libcallkey/core/kdf/digest"
	"libcallkey/core/secret/secrettest"
)

// If this failed, the key that hides the rows' names would stay in the registers of each thread
// that looked for a row. Our own assembly clears its registers; crypto/sha256's does not, so the
// test starts itself once more on a processor that lacks the instructions.
func TestRowNameClearsRegisters(t *testing.T) {
	if digest.Available() {
		c := exec.Command(os.Args[0], "-test.run=^TestRowNameClearsRegisters$", "-test.v")
		c.Env = append(os.Environ(), "GODEBUG=cpu.ssse3=off")
		if out, err := c.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: TestRowNameClearsRegisters")) { // public: what a test prints
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	s := newSealer(newStoreID(), newDataKeys(), false)
	var name string
	left := func(words [16]uint64) (n int) {
		for _, word := range words {
			if word != 0 && !bytes.Contains([]byte(name), binary.LittleEndian.AppendUint64(nil, word)) {
				n++
			}
		}
		return n
	}
	for _, table := range []Table{Sessions, Chains} {
		if n := left(secrettest.Vectors(func() { name = s.rowName(table, "somebody:1") })); n != 0 {
			t.Errorf("table %d: %d words are left in registers", table, n)
		}
	}
	if n := left(secrettest.Vectors(func() {
		var sum [kdf.Size]byte
		kdf.HMAC(&sum, s.rowNameKey[:], []byte{byte(Sessions)}, []byte("somebody"))
	})); n == 0 {
		t.Error("an HMAC alone leaves nothing in registers: this test is blind")
	}
}
