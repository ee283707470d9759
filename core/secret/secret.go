// Package secret keeps secrets short-lived: Do runs work on secrets and erases its
// traces in registers, on the stack and on the heap; Wipe clears memory that the caller
// owns.
//
// How much Do erases depends on the platform; By names the way. With the Go experiment
// runtimesecret (the Makefile sets it on linux/amd64 and linux/arm64) the runtime erases
// registers, stack and heap. Elsewhere Do clears registers and stack.
//
// With the experiment an allocation inside Do costs about a microsecond, so packages that
// run under it keep their secrets in fixed arrays on the stack. Do does not erase the
// traces of a goroutine started inside it, and calling C inside it ends the process.
package secret

import (
	"crypto/subtle"
	"reflect"
)

// Wipe sets b to zero.
func Wipe(b []byte) { clear(b) }

// IsZero reports whether b is all zero; its time reveals nothing else about b.
func IsZero(b []byte) bool {
	var all byte
	for _, one := range b {
		all |= one
	}
	return subtle.ConstantTimeByteEq(all, 0) == 1
}

// WipeObject sets the memory that object points to to zero: a cipher of crypto/aes,
// crypto/cipher or x/crypto, which holds its key and can't clear it. Do not use the
// object again. Memory that the object itself points to stays; our ciphers have none.
func WipeObject(object any) {
	if v := reflect.ValueOf(object); v.Kind() == reflect.Pointer && !v.IsNil() {
		v.Elem().SetZero()
	}
}
