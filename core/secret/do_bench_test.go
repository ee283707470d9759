package secret

import "testing"

// What Do costs beside the work that it runs.
func BenchmarkDo(b *testing.B) {
	for b.Loop() {
		Do(func() {})
	}
}
