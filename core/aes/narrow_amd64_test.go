//go:build !purego

package aes

import "testing"

// If this failed, so would frames on older processors.
func TestGCMWithoutAVX512(t *testing.T) {
	if !gcmWide {
		t.Skip("that is what the other tests use here")
	}
	gcmWide = false
	defer func() { gcmWide = true }()
	for name, test := range map[string]func(*testing.T){
		"every length":  TestGCMOfEveryLength,
		"random inputs": TestGCMOfRandomInputs,
		"extremes":      TestGCMOfExtremes,
		"counter wraps": TestGCMCounterWraps,
		"refuses":       TestGCMRefuses,
		"registers":     TestRegistersAreCleared,
	} {
		t.Run(name, test)
	}
}
