// The shared library: callkey.h on top of the rooms under core.
//
// A call goes through three layers. shim.c defines the public function: it refuses what
// no Go code should see (a forked process, NULL, absurd lengths) and clears outputs after
// a failure. The ck_ function of the same name here turns C arguments into Go ones
// inside frame, which turns errors and panics into statuses. The room does the work.
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
