package envelope_test

import (
	"bytes"
	"testing"

	"libcallkey/core/envelope"
)

func BenchmarkEncode(b *testing.B) {
	b.ReportAllocs()
	key := bytes.Repeat([]byte{7}, 32)
	for b.Loop() {
		envelope.Encode(key)
	}
}

func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	out := [32]byte{31: 7}
	plaintext, err := envelope.Encode(out[:])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		envelope.Decode(&out, plaintext, 2)
	}
}
