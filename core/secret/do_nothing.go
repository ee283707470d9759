//go:build unprotected

package secret

// By names the eraser: nothing. With it the residue test must find something.
const By = "nothing"

// Do runs f.
func Do(f func()) { f() }

// ClearRegisters does nothing.
func ClearRegisters() {}
