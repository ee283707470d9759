//go:build amd64 || arm64 || 386

// Package secrettest lets tests inspect the traces that work on a secret leaves in the
// processor.
package secrettest

import "libcallkey/core/secret/internal/registers"

// Vectors returns the contents of eight vector registers after work returns.
func Vectors(work func()) (words [16]uint64) {
	work()
	registers.Save(&words)
	return words
}
