package main

/*
#include "callkey.h"
#include "failure.h"
*/
import "C"

import (
	"runtime"
	"strings"
	"unsafe"

	"libcallkey/core/status"
)

// frame runs the work of every exported function. It converts an error to its status
// and text, and a panic to INTERNAL: nothing may unwind into C. After INTERNAL the shim
// closes the library for good.
func frame(text *C.char, work func() error) (code C.callkey_status) {
	defer func() {
		if cause := recover(); cause != nil {
			report(text, describe(cause), 0)
			code = C.CALLKEY_ERR_INTERNAL
		}
	}()
	err := work()
	if err == nil {
		return C.CALLKEY_OK
	}
	report(text, err.Error(), status.System(err))
	return C.callkey_status(status.Of(err))
}

// report copies an error text, truncated to its room, and the operating system's error number
// to the calling thread's failure.
func report(text *C.char, words string, system uint32) {
	room := unsafe.Slice((*byte)(unsafe.Pointer(text)), C.FAILURE_BYTES)
	n := copy(room[:len(room)-1], words)
	for n > 0 && n < len(words) && words[n]&0xc0 == 0x80 {
		n-- // not in the middle of a character
	}
	clear(room[n:])
	*(*uint32)(unsafe.Add(unsafe.Pointer(text), C.FAILURE_BYTES)) = system
}

// describe names the panic and its place. It quotes only the runtime's own errors: they
// have indexes and types, but any other value could have a secret.
func describe(cause any) string {
	words := "a panic"
	if err, ok := cause.(runtime.Error); ok {
		words = err.Error()
	}
	return "internal error: " + words + " in " + panicking()
}

// panicking returns the function that panicked. Call it from a deferred function during
// the unwinding.
func panicking() string {
	var callers [32]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers[:])])
	unwinding := false
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			unwinding = true
		case unwinding && !strings.HasPrefix(f.Function, "runtime."):
			return f.Function
		}
		if !more {
			return "an unknown function"
		}
	}
}
