package curve_test

import (
	"testing"

	"libcallkey/core/curve"
)

// The parts of a handshake other than its agreements (BenchmarkAgree).

func BenchmarkGenerate(b *testing.B) {
	var private, public [curve.Bytes]byte
	for b.Loop() {
		curve.Generate(&private, &public)
	}
}

func BenchmarkVerify(b *testing.B) {
	var private, public [curve.Bytes]byte
	curve.Generate(&private, &public)
	message := curve.Typed(&public)
	signature := curve.Sign(&private, message[:])
	for b.Loop() {
		if !curve.Verify(&public, message[:], &signature) {
			b.Fatal("own signature refused")
		}
	}
}
