package envelope

import (
	"testing"

	"libcallkey/tests/ctime"
)

var unpadded bool

// Would the time tell how much of a wrong padding is right? Both classes are wrong: one
// only at the far end, the other from the start.
func BenchmarkTimingPadding(b *testing.B) {
	almost := func(input []byte) {
		for i := range input {
			input[i] = maxPadding
		}
		input[len(input)-maxPadding] ^= 1
	}
	random := func(input []byte) {
		ctime.Noise(input)
		input[len(input)-1] = maxPadding
		input[len(input)-2] = maxPadding + 1
	}
	ctime.Compare(b, 52, 40, almost, random, func(input []byte) { _, unpadded = unpad(input) })
}
