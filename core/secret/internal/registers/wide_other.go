//go:build arm64 || 386

package registers

const wide = false
