// Package ctime asks the clock whether the time that a piece of work takes depends on a
// secret: the method of "Dude, is my code constant time?" (Reparaz, Balasch, Verbauwhede,
// 2017). It is for benchmarks next to the work, which `make ctime` runs. A time is no test
// result: machines differ and are busy. So `make test` does not run it.
package ctime

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// batch is how many inputs are made before they are measured, so that making one does
// not leave its traces in the time of working on it.
const batch = 2000

// Compare measures step on inputs of size bytes, b.N of two classes that take turns at
// random: those that fixed fills, which should be the ones that a leak shows up with, and
// those that random fills. It reports the largest |t| of Welch's test over the times as
// they are and without the slowest, where interrupts and collections are. With 10^5
// samples and more, above 10 says that the classes take different times; below 5 says
// nothing was found.
//
// One sample is repeat steps on one input, for steps shorter than the clock can see.
func Compare(b *testing.B, size, repeat int, fixed, random func(input []byte), step func(input []byte)) {
	inputs := make([]byte, batch*size)
	classes := make([]int, batch)
	times := [2][]float64{}
	input := make([]byte, size) // always at one address
	for done := 0; done < b.N; done += batch {
		for i := range batch {
			classes[i] = rand.IntN(2)
			fill := fixed
			if classes[i] == 1 {
				fill = random
			}
			fill(inputs[i*size : (i+1)*size])
		}
		for i := range batch {
			copy(input, inputs[i*size:(i+1)*size])
			start := time.Now()
			for range repeat {
				step(input)
			}
			took := float64(time.Since(start))
			times[classes[i]] = append(times[classes[i]], took)
		}
	}
	b.ReportMetric(largest(times), "|t|")
	b.ReportMetric(float64(len(times[0])+len(times[1])), "samples")
}

// largest is the largest |t| over several cuts.
func largest(times [2][]float64) float64 {
	all := append(slices.Clone(times[0]), times[1]...)
	slices.Sort(all)
	found := math.Abs(welch(times[0], times[1]))
	for _, part := range []float64{0.5, 0.75, 0.9, 0.95, 0.99} {
		limit := all[int(part*float64(len(all)-1))]
		found = max(found, math.Abs(welch(below(times[0], limit), below(times[1], limit))))
	}
	return found
}

func below(times []float64, limit float64) (kept []float64) {
	for _, t := range times {
		if t <= limit {
			kept = append(kept, t)
		}
	}
	return kept
}

// welch is the t of Welch's test, 0 where there is nothing to compare.
func welch(a, b []float64) float64 {
	if len(a) < 2 || len(b) < 2 {
		return 0
	}
	meanA, varianceA := moments(a)
	meanB, varianceB := moments(b)
	deviation := math.Sqrt(varianceA/float64(len(a)) + varianceB/float64(len(b)))
	if deviation == 0 {
		return 0
	}
	return (meanA - meanB) / deviation
}

func moments(times []float64) (mean, variance float64) {
	for _, t := range times {
		mean += t / float64(len(times))
	}
	for _, t := range times {
		variance += (t - mean) * (t - mean) / float64(len(times)-1)
	}
	return mean, variance
}

// Noise fills an input of either class with random bytes.
func Noise(input []byte) {
	for i := range input {
		input[i] = byte(rand.Uint32())
	}
}
