//go:build amd64 || arm64 || 386

package registers

import "testing"

// If this failed, the last key that a thread worked with could be read from a core dump, or
// from wherever somebody saves the registers of that thread.
func TestClear(t *testing.T) {
	var full, before, after [16]uint64
	for i := range full {
		full[i] = 0x5ec2e75ec2e75ec2 + uint64(i)
	}
	load(&full)
	Save(&before)
	if before != full {
		t.Fatalf("the registers hold %x: this test is blind", before)
	}
	for _, wide := range []bool{false, wide} {
		load(&full)
		zero(wide)
		Save(&after)
		if after != [16]uint64{} {
			t.Errorf("the registers hold %x (wide: %v)", after, wide)
		}
	}
	load(&full)
	Clear()
	if Save(&after); after != [16]uint64{} {
		t.Errorf("after Clear the registers hold %x", after)
	}
}
