package envelope_test

import (
	"testing"

	"libcallkey/core/envelope"
)

func BenchmarkEncode(b *testing.B) {
	b.ReportAllocs()
	key := make([]byte, 32)
	for b.Loop() {
		envelope.Encode(key)
	}
}

func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	var out [32]byte
	plaintext, err := envelope.Encode(out[:])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		envelope.Decode(&out, plaintext, 2)
	}
}
