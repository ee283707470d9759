// Package selftest compares every primitive of the library with a known answer, and runs
// one call key through two sessions. It tells a library that was miscompiled, or runs on a
// processor it was not made for, from one that works.
package selftest

import (
	"bytes"
	"encoding/hex"
	"slices"

	"libcallkey/core/status"
)

// primitive is one primitive with its known answer.
type primitive struct {
	name   string
	answer string        // hexadecimal
	gives  func() []byte // what it gives in this build; nil if it fails
}

var primitives = slices.Concat(kdfPrimitives, derivePrimitives, sframePrimitives, envelopePrimitives,
	curvePrimitives, storePrimitives, sessionPrimitives)

// Run checks all of them. Its error is INTERNAL and names the first one that is broken.
func Run() error { return run(primitives) }

func run(primitives []primitive) error {
	for _, p := range primitives {
		if !bytes.Equal(p.gives(), unhex(p.answer)) { // public: the answers are in this source
			return status.New(status.Internal, "selftest: %s does not give the known answer", p.name)
		}
	}
	return nil
}

// given is what a primitive gives, in one piece; nil if it failed.
func given(err error, parts ...[]byte) []byte {
	if err != nil {
		return nil
	}
	return slices.Concat(parts...)
}

// unhex decodes a constant of this package.
func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// The participant and the call key that the known answers of the protocol are for.
const (
	peer     = "222222222222222:0@lid"
	counting = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
)

var countingKey = unhex(counting)
