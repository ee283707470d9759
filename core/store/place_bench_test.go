package store

import (
	"path/filepath"
	"testing"
	"time"
)

// The cost of the place per commit: three checks and one hold. A commit itself waits for the disk.
func BenchmarkPlace(b *testing.B) {
	s, err := Open(filepath.Join(b.TempDir(), "s"), nil, Options{Plaintext: true})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	p := s.backend.(*file).place
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if err := p.check(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("hold", func(b *testing.B) {
		for b.Loop() {
			if err := p.hold(time.Now().Add(time.Second)); err != nil {
				b.Fatal(err)
			}
			p.release()
		}
	})
}
