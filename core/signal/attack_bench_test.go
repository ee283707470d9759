package signal

import (
	"fmt"
	"libcallkey/core/session"
	"libcallkey/core/session/sessiontest"
	"slices"
	"testing"
	"time"
)

// archive gives the device's session n archived states besides the current one, as n
// handshakes do.
func (d *ours) archive(b *testing.B, n int) {
	b.Helper()
	r := d.record(b)
	for range n {
		archived := r.Current.Clone()
		archived.BaseKey[0]++
		r.Archived = append(r.Archived, archived)
	}
	d.setRecord(b, r)
}

// BenchmarkLongestJump opens an honest message as far ahead as may be, on a ratchet key
// that is new: the dearest that an honest peer can send. BenchmarkForgedJump costs must
// stay within twice that.
func BenchmarkLongestJump(b *testing.B) {
	for _, archived := range []int{1, sessiontest.MaxArchived} {
		b.Run(fmt.Sprintf("archived=%d", archived), func(b *testing.B) {
			v := newVictims(b, true)
			v.ours.archive(b, archived)
			for range sessiontest.MaxJump {
				sealed(b)(v.againstOurs.seal("skipped"))
			}
			far := sealed(b)(v.againstOurs.seal("far"))
			before := v.ours.record(b)
			for b.Loop() {
				opened(b, "far")(v.ours.open(far))
				b.StopTimer()
				v.ours.setRecord(b, before)
				before = v.ours.record(b)
				b.StartTimer()
			}
		})
	}
}

// BenchmarkForgedJump refuses a message with a ratchet key of the forger's and the largest
// counter that is not rejected at once.
func BenchmarkForgedJump(b *testing.B) {
	for _, archived := range []int{1, sessiontest.MaxArchived} {
		b.Run(fmt.Sprintf("archived=%d", archived), func(b *testing.B) {
			v := newVictims(b, true)
			v.ours.archive(b, archived)
			forged := forge(b, v.againstOurs, sessiontest.Padded("x"), func(f *sessiontest.Forgery) { f.BogusTurn(); f.Counter = sessiontest.MaxJump })
			for b.Loop() {
				if _, err := v.ours.open(forged); err == nil {
					b.Fatal("a forgery opened")
				}
			}
		})
	}
}

// BenchmarkOpenUnderFlood opens honest messages while 10,000 malformed ones a second come
// in for the same device, and reports what all but one in a hundred of them took at most.
func BenchmarkOpenUnderFlood(b *testing.B) {
	v := newVictims(b, true)
	honest := sealed(b)(v.againstOurs.seal("seed")).Bytes
	stop, stopped := make(chan struct{}), make(chan struct{})
	flooded, began := 0, time.Now()
	go func() {
		defer close(stopped)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			for want := int(time.Since(began).Seconds() * 10000); flooded < want; flooded++ {
				spoilt := slices.Clone(honest)
				spoilt[flooded%len(spoilt)] ^= 0x10
				v.ours.open(session.Ciphertext{Bytes: spoilt})
			}
		}
	}()
	var took []time.Duration
	for b.Loop() {
		time.Sleep(time.Millisecond)
		c := sealed(b)(v.againstOurs.seal("honest"))
		start := time.Now()
		opened(b, "honest")(v.ours.open(c))
		took = append(took, time.Since(start))
	}
	close(stop)
	<-stopped
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(flooded)/time.Since(began).Seconds(), "malformed/s")
	b.ReportMetric(0, "ns/op") // mostly sleep
}
