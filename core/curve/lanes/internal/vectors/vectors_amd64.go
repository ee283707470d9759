//go:build !purego

// Package vectors reads the registers of AVX-512, for the tests of lanes.
package vectors

// Save stores the vector and the mask registers. It needs AVX512F and AVX512BW.
func Save(registers *[32][8]uint64, masks *[8]uint64)
