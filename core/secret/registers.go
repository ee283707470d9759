//go:build !unprotected

package secret

import "libcallkey/core/secret/internal/registers"

// ClearRegisters sets the processor's registers to zero. It is for work that keeps a secret in them
// and nowhere else, and calls nothing that would save them on the stack.
func ClearRegisters() { registers.Clear() }
