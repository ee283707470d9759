package signal

import (
	"testing"

	"libcallkey/core/store"
	"libcallkey/tests/ctime"
)

// Would the time tell how much of a private key that is imported is the one that is there?
func BenchmarkTimingPrekey(b *testing.B) {
	s, err := OpenStore("", nil, store.Options{Memory: true})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var private [32]byte
	ctime.Noise(private[:])
	if err := ImportPrekey(s, 1, &private); err != nil {
		b.Fatal(err)
	}
	almost := func(input []byte) {
		copy(input, private[:])
		input[30] ^= 1
	}
	ctime.Compare(b, 32, 1, almost, ctime.Noise, func(input []byte) {
		if ImportPrekey(s, 1, (*[32]byte)(input)) == nil {
			b.Fatal("another key was taken for the one that is there")
		}
	})
}
