//go:build amd64 || arm64 || 386

// Package secrettest lets tests look at what work on a secret leaves in the processor.
package secrettest

import "libcallkey/core/secret/internal/registers"

// Vectors returns what is in eight vector registers when work returns.
func Vectors(work func()) (words [16]uint64) {
	work()
	registers.Save(&words)
	return words
}
