package secret

import "testing"

// The cost of Do itself, without its work.
func BenchmarkDo(b *testing.B) {
	for b.Loop() {
		Do(func() {})
	}
}
