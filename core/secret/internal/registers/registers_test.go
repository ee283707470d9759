//go:build amd64 || arm64 || 386

package registers

import "testing"

// If this failed, the last key that a thread worked with could be read from a core dump, or
// from any saved copy of that thread's registers.
func TestClear(t *testing.T) {
	for _, wide := range []bool{false, wide} {
		var full, left contents
		words := wordsInVector
		if !wide {
			words = 2
		}
		for i := range full.vectors {
			for j := range words {
				full.vectors[i][j] = 0x5ec2e75ec2e75ec2 + uint64(4*i+j)
			}
		}
		for i := range full.general {
			full.general[i] = 0x5ec2e7 + uintptr(i)
		}
		if try(wide, false, &full, &left); left != full {
			t.Fatalf("the registers hold %x: this test is blind", left)
		}
		left = contents{}
		if try(wide, true, &full, &left); left != (contents{}) {
			t.Errorf("the registers hold %x (wide: %v)", left, wide)
		}
		// And the way to it from Go.
		var before, after [16]uint64
		try(wide, false, &full, &left)
		Save(&before)
		try(wide, false, &full, &left)
		Clear()
		if Save(&after); before == [16]uint64{} || after != [16]uint64{} {
			t.Errorf("Clear leaves %x of %x", after, before)
		}
	}
}
