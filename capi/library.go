// The shared library: callkey.h on top of the packages in core.
//
// A call goes through three layers. shim.c defines the public function: it rejects
// everything that Go code must not see (a forked process, NULL, absurd lengths) and
// clears outputs after a failure. The ck_ function of the same name here converts C
// arguments to Go, inside frame, which converts errors and panics to statuses. A package
// in core does the work.
//
// One file per section of the header: library, key, derive, sframe, stanza, store,
// session, delivery, epochs.
package main

/*
#cgo CFLAGS: -I${SRCDIR}/../include -DCALLKEY_BUILD -std=gnu11 -Wall -Wextra -Wno-unused-parameter
#include "callkey.h"
*/
import "C"

func main() {}

//export ck_selftest
func ck_selftest(text *C.char) C.callkey_status {
	return frame(text, selftest)
}
