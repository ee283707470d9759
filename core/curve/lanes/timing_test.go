package lanes_test

import (
	"testing"

	"libcallkey/core/curve/lanes"
	"libcallkey/tests/ctime"
)

// Would the time tell how many bits of eight private keys are set, or where? Their ladders run in
// the same instructions.
func BenchmarkTimingLanes(b *testing.B) {
	needLanes(b)
	u, shared := [32]byte{9}, [32]byte{}
	var scalars [lanes.Width][32]byte
	var jobs [lanes.Width]lanes.Job
	for i := range jobs {
		jobs[i] = lanes.Job{Scalar: &scalars[i], Clamp: true, U: &u, X: &shared}
	}
	ctime.Compare(b, lanes.Width*32, 1, func(input []byte) { clear(input) }, ctime.Noise, func(input []byte) {
		for i := range scalars {
			copy(scalars[i][:], input[32*i:])
		}
		lanes.Multiply(jobs[:])
	})
}
