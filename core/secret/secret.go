// Package secret keeps secrets short-lived: Do runs work on secrets so that what
// it leaves in registers, on the stack and on the heap is erased, and Wipe clears
// memory that the caller owns.
//
// How much Do erases depends on the platform; By tells which it is. With the Go experiment
// runtimesecret (linux/amd64 and linux/arm64, which the Makefile builds with it), the
// runtime erases registers, stack and heap. Elsewhere Do clears registers and stack.
//
// With the experiment an allocation inside Do costs about a microsecond, so the rooms
// that run under it keep their secrets in fixed arrays on the stack. Nothing is erased of a
// goroutine that is started inside it, and C can't be called there: that ends the process.
package secret

import (
	"crypto/subtle"
	"reflect"
)

// Wipe sets b to zero.
func Wipe(b []byte) { clear(b) }

// IsZero tells whether b is all zero, in a time that says nothing else about b.
func IsZero(b []byte) bool {
	var all byte
	for _, one := range b {
		all |= one
	}
	return subtle.ConstantTimeByteEq(all, 0) == 1
}

// WipeObject sets what object points to to zero: a cipher of crypto/aes, crypto/cipher or
// x/crypto, which holds its key and has no means of clearing it. The object is not to be
// used again. Parts that it only points to stay; the ciphers that we use have none.
func WipeObject(object any) {
	if v := reflect.ValueOf(object); v.Kind() == reflect.Pointer && !v.IsNil() {
		v.Elem().SetZero()
	}
}
