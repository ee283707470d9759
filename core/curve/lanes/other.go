//go:build !amd64 || purego

package lanes

// Available reports whether the processor has the instructions: only amd64 has.
func Available() bool { return false }

// Multiply must not be called: see Available.
func Multiply([]Job) { panic("lanes: there are none on this processor") }
