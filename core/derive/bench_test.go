package derive_test

import (
	"encoding/base64"
	"fmt"
	"testing"

	"libcallkey/core/derive"
	"libcallkey/core/status"
)

func BenchmarkParticipantID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		derive.ParticipantID("222222222222222@lid")
	}
}

func BenchmarkE2EKeys(b *testing.B) {
	b.ReportAllocs()
	var out derive.SRTPKeys
	key := make([]byte, 32)
	for b.Loop() {
		derive.E2EKeys(&out, key, peer)
	}
}

func BenchmarkE2EKeysRaw(b *testing.B) {
	b.ReportAllocs()
	var out derive.SRTPKeys
	raw := make([]byte, 64)
	for b.Loop() {
		derive.E2EKeysRaw(&out, raw, peer)
	}
}

func BenchmarkE2EKeysBatch(b *testing.B) {
	for _, n := range []int{1, 8, 32, 128, 1024} {
		b.Run(fmt.Sprintf("participants=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			key := make([]byte, 32)
			out, statuses, participants := make([]derive.SRTPKeys, n), make([]status.Code, n), make([]string, n)
			for i := range participants {
				participants[i] = fmt.Sprintf("2222222222%05d:0@lid", i)
			}
			for b.Loop() {
				derive.E2EKeysBatch(out, statuses, key, participants)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/participant")
		})
	}
}

func BenchmarkSFrameKey(b *testing.B) {
	b.ReportAllocs()
	var out [32]byte
	key := make([]byte, 32)
	for b.Loop() {
		derive.SFrameKey(&out, key, peer)
	}
}

func BenchmarkWARPAuthKey(b *testing.B) {
	b.ReportAllocs()
	var out [32]byte
	key := make([]byte, 32)
	for b.Loop() {
		derive.WARPAuthKey(&out, key)
	}
}

func BenchmarkHBHKeys(b *testing.B) {
	b.ReportAllocs()
	var out derive.SRTPKeys
	var hbhKey [30]byte
	for b.Loop() {
		derive.HBHKeys(&out, &hbhKey, derive.HBHUplink)
	}
}

func BenchmarkSelectParticipant(b *testing.B) {
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprintf("candidates=%d", n), func(b *testing.B) {
			key := make([]byte, 32)
			participants := make([]string, n)
			for i := range participants {
				participants[i] = fmt.Sprintf("222222222222222:%d@lid", i)
			}
			packet := packetFrom(b, key, participants[n/2], 4)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := derive.SelectParticipant(key, participants, packet, 0, 4); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSSRCs(b *testing.B) {
	b.ReportAllocs()
	var out [9]uint32
	for b.Loop() {
		derive.SSRCs(&out, "00112233445566778899AABBCCDDEEFF", peer)
	}
}

func BenchmarkDecodeRawE2E(b *testing.B) {
	b.ReportAllocs()
	content := []byte(base64.StdEncoding.EncodeToString(make([]byte, 32)))
	for b.Loop() {
		derive.DecodeRawE2E(content)
	}
}
