//go:build !amd64 || purego

package lanes

// Available reports whether the processor has the instructions: only amd64 has.
func Available() bool { return false }

// Multiply must not be called: see Available.
func Multiply([]Job) { panic("lanes: there are none on this processor") }

// A Comb has the multiples of a fixed point.
type Comb struct{}

// Set must not be called: see Available.
func (c *Comb) Set(digit, n int, parts *[3][32]byte) { Multiply(nil) }

// MultiplyFixed must not be called: see Available.
func (c *Comb) MultiplyFixed(points *[Width]Point, digits *[64]int8) { Multiply(nil) }
