package kdf_test

import (
	"testing"

	"libcallkey/core/kdf"
)

var (
	benchKey  [kdf.Size]byte
	benchInfo = []byte("222222222222222:3@lid")
)

func BenchmarkHMAC(b *testing.B) {
	b.ReportAllocs()
	var out [kdf.Size]byte
	for b.Loop() {
		kdf.HMAC(&out, benchKey[:], benchInfo)
	}
}

func BenchmarkKeySet(b *testing.B) {
	b.ReportAllocs()
	var key kdf.Key
	for b.Loop() {
		key.Set(benchKey[:])
	}
}

func BenchmarkKeyHMAC(b *testing.B) {
	b.ReportAllocs()
	var out [kdf.Size]byte
	var key kdf.Key
	key.Set(benchKey[:])
	for b.Loop() {
		key.HMAC(&out, benchInfo)
	}
}

// 80 bytes without salt, as for a message of a session.
func BenchmarkHKDF(b *testing.B) {
	b.ReportAllocs()
	var out [80]byte
	for b.Loop() {
		kdf.HKDF(out[:], nil, benchKey[:], benchInfo)
	}
}

// The six session keys of a participant.
func BenchmarkAESCM(b *testing.B) {
	b.ReportAllocs()
	var key [16]byte
	var salt [14]byte
	var out [100]byte
	for b.Loop() {
		kdf.AESCM(&key, &salt, out[:16], out[16:36], out[36:50], out[50:66], out[66:86], out[86:])
	}
}
