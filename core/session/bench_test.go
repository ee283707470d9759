package session

import (
	"fmt"
	"slices"
	"testing"
)

// skipping returns two devices and a's message after n that b did not open.
func skipping(tb testing.TB, n int) (a, b *alone, next Ciphertext) {
	tb.Helper()
	a, b = twoAlone(tb)
	for range n {
		a.sealed(tb, "skipped")
	}
	return a, b, a.sealed(tb, "next")
}

// One message of a program that keeps its records itself, beside the keys of skipped ones.
func BenchmarkSealRecord(b *testing.B) {
	for _, kept := range []int{0, 1000} {
		b.Run(fmt.Sprintf("kept=%d", kept), func(b *testing.B) {
			_, d, next := skipping(b, kept)
			if _, err := d.open(next); err != nil {
				b.Fatal(err)
			}
			plaintext := slices.Repeat([]byte{7}, 50) // a call key and its padding, about
			for b.Loop() {
				if _, _, err := SealRecord(d.record, &Keys{Identity: d.trusted}, plaintext, noon); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpenRecord(b *testing.B) {
	for _, kept := range []int{0, 1000} {
		b.Run(fmt.Sprintf("kept=%d", kept), func(b *testing.B) {
			a, d, next := skipping(b, kept)
			if _, err := d.open(next); err != nil {
				b.Fatal(err)
			}
			benchmarkOpen(b, d, a.sealed(b, "message"))
		})
	}
	b.Run("ahead=1000", func(b *testing.B) {
		_, d, next := skipping(b, 1000)
		benchmarkOpen(b, d, next)
	})
}

func benchmarkOpen(b *testing.B, d *alone, c Ciphertext) {
	b.Helper()
	for b.Loop() {
		if _, _, _, err := OpenRecord(d.record, &Keys{Identity: d.trusted}, c.Prekey, c.Bytes, noon, System); err != nil {
			b.Fatal(err)
		}
	}
}

// The same of a store's row.
func BenchmarkRow(b *testing.B) {
	seal := func(name string, row Row, trusted []byte) {
		b.Run("seal/"+name, func(b *testing.B) {
			plaintext := slices.Repeat([]byte{7}, 50)
			for b.Loop() {
				if _, _, err := row.Seal(Plaintext{Bytes: plaintext}, trusted); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	open := func(name string, row Row, trusted []byte, c Ciphertext) {
		b.Run("open/"+name, func(b *testing.B) {
			for b.Loop() {
				in, err := Parse(c.Prekey, c.Bytes)
				if err != nil {
					b.Fatal(err)
				}
				left := MessageBudget
				if _, _, err := row.Open(in, trusted, &left); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for _, n := range []int{0, 1000} {
		a, d, next := skipping(b, n)
		row := rowOf(d.decoded(b))
		if n > 0 {
			open(fmt.Sprintf("ahead=%d", n), row, d.trusted, next)
		}
		row = opened(b, d, row, next)
		name := fmt.Sprintf("kept=%d", n)
		seal(name, row, d.trusted)
		open(name, row, d.trusted, a.sealed(b, "message"))
	}
}

// opened returns the row after a message.
func opened(b *testing.B, d *alone, row Row, c Ciphertext) Row {
	b.Helper()
	in, err := Parse(c.Prekey, c.Bytes)
	if err != nil {
		b.Fatal(err)
	}
	left := MessageBudget
	next, _, err := row.Open(in, d.trusted, &left)
	if err != nil {
		b.Fatal(err)
	}
	row.Chains = next.Chains
	if !next.Calm {
		row.Session = next.Session
	}
	return row
}

// rowOf is a record as a store reads it.
func rowOf(r *Record) Row {
	rows := r.Rows(System)
	return Row{Session: rows.Session, Chains: rows.Chains, Now: noon, Random: System}
}
