package epoch

import (
	"testing"

	"libcallkey/tests/ctime"
)

// Would the time tell how much of a key that is added is the one in force?
func BenchmarkTimingKey(b *testing.B) {
	var e Epochs
	secret := make([]byte, 32)
	ctime.Noise(secret)
	e.Roster(1)
	if err := e.Add(1, secret); err != nil {
		b.Fatal(err)
	}
	almost := func(input []byte) {
		copy(input, secret)
		input[31] ^= 1
	}
	ctime.Compare(b, 32, 4, almost, ctime.Noise, func(input []byte) {
		if e.Add(1, input) == nil {
			b.Fatal("another key was taken for the one in force")
		}
	})
}
