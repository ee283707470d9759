package ctime

import (
	"math"
	"testing"
)

var sink bool

// The method's own control: a comparison that stops at the first difference. Where this
// one is not found, nothing that the others say counts.
func BenchmarkTimingControl(b *testing.B) {
	secret := make([]byte, 32)
	Noise(secret)
	almost := func(input []byte) {
		copy(input, secret)
		input[31] ^= 1
	}
	Compare(b, 32, 40, almost, Noise, func(input []byte) {
		same := true
		for i := range input {
			if input[i] != secret[i] {
				same = false
				break
			}
		}
		sink = same
	})
}

// If this failed, the t-values would be wrong. The numbers are a textbook's: means 3 and 5,
// variances 2.5 and 10, five each.
func TestWelch(t *testing.T) {
	got := welch([]float64{1, 2, 3, 4, 5}, []float64{1, 3, 5, 7, 9})
	if want := -2 / math.Sqrt(2.5/5+10.0/5); math.Abs(got-want) > 1e-12 {
		t.Fatalf("t is %v, not %v", got, want)
	}
	if got := welch([]float64{1, 1}, []float64{1, 1}); got != 0 {
		t.Fatalf("t of equal times is %v", got)
	}
}

// If this failed, a leak that the slowest tenth of the samples hides would stay hidden.
func TestCutsFindWhatNoiseHides(t *testing.T) {
	var times [2][]float64
	for i := range 20000 {
		noise := 0.0
		if i%20 < 2 {
			noise = float64(i%977) * 100
		}
		times[0] = append(times[0], 100+float64(i%7)+noise)
		times[1] = append(times[1], 101+float64(i%7)+noise)
	}
	if raw, cut := math.Abs(welch(times[0], times[1])), largest(times); raw > 5 || cut < 10 {
		t.Fatalf("|t| is %.1f as it is and %.1f with cuts", raw, cut)
	}
}
