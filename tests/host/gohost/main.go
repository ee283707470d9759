// Command gohost is a host in Go with a second Go library next to libcallkey, so three Go
// runtimes in one process share its signals and threads:
//
//	gohost SECOND.so
//
// It profiles itself, preempts its goroutines, counts signals, recovers from its own faults
// and starts programs while calls of the library run. It prints one line, or fails.
package main

/*
#cgo CFLAGS: -I${SRCDIR}/../../../include
#cgo LDFLAGS: -ldl
#include <callkey.h>
#include <dlfcn.h>
#include <stdlib.h>

static int (*second)(int);

static const char *load(const char *path)
{
	void *library = dlopen(path, RTLD_NOW);
	if (library == NULL || (second = (int (*)(int))dlsym(library, "second_sum")) == NULL)
		return dlerror();
	return NULL;
}

static int call_second(int n) { return second(n); }
*/
import "C"

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

const (
	workers = 8
	rounds  = 300
	signals = 1000
	faults  = 200
	starts  = 20
)

func main() {
	path := C.CString(os.Args[1])
	if problem := C.load(path); problem != nil {
		fail("%s", C.GoString(problem))
	}
	C.free(unsafe.Pointer(path))
	if err := pprof.StartCPUProfile(&bytes.Buffer{}); err != nil {
		fail("%v", err)
	}
	var all sync.WaitGroup
	for range workers {
		all.Go(work)
	}
	all.Go(recovers)
	all.Go(startsPrograms)
	received := countSignals()
	all.Wait()
	pprof.StopCPUProfile()
	fmt.Printf("a host in Go with a second Go library: %d calls right beside %d of the other, %d of %d signals, %d of %d faults of the host recovered, %d programs started\n",
		calls.Load(), others.Load(), received, signals, recovered.Load(), faults, started.Load())
}

var calls, others, recovered, started atomic.Int64

// work calls both libraries in turn, on threads that the scheduler chooses.
func work() {
	var key, again [C.CALLKEY_KEY_BYTES]C.uint8_t
	participant := C.CString("111111111111111:2@lid")
	defer C.free(unsafe.Pointer(participant))
	check(C.callkey_generate(&key[0]))
	var first, later C.callkey_srtp_keys
	check(C.callkey_derive_e2e_keys(&first, &key[0], C.CALLKEY_KEY_BYTES, participant))
	for i := range rounds {
		check(C.callkey_derive_e2e_keys(&later, &key[0], C.CALLKEY_KEY_BYTES, participant))
		check(C.callkey_generate(&again[0]))
		if first != later || key == again {
			fail("a call gave a wrong result")
		}
		calls.Add(2)
		if got := C.call_second(C.int(i)); got != C.int(i*(i-1)/2) {
			fail("the second library gave %d for %d", got, i)
		}
		others.Add(1)
	}
}

// recovers dereferences nil on a thread that was inside the library before.
func recovers() {
	runtime.LockOSThread()
	for range faults {
		var key [C.CALLKEY_KEY_BYTES]C.uint8_t
		check(C.callkey_generate(&key[0]))
		func() {
			defer func() {
				if _, ok := recover().(runtime.Error); ok {
					recovered.Add(1)
				}
			}()
			var nowhere *int
			*nowhere = 1
		}()
	}
	if recovered.Load() != faults {
		fail("%d of %d faults were recovered", recovered.Load(), faults)
	}
}

func startsPrograms() {
	for range starts {
		if err := exec.Command("/bin/true").Run(); err != nil {
			fail("%v", err)
		}
		started.Add(1)
	}
}

// countSignals sends itself one signal after the other.
func countSignals() (received int) {
	incoming := make(chan os.Signal, 1)
	signal.Notify(incoming, syscall.SIGUSR1)
	for range signals {
		if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
			fail("%v", err)
		}
		select {
		case <-incoming:
			received++
		case <-time.After(time.Minute):
			fail("signal %d did not arrive", received)
		}
	}
	return received
}

func check(status C.callkey_status) {
	if status != C.CALLKEY_OK {
		fail("%s", C.GoString(C.callkey_status_name(status)))
	}
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "gohost: "+format+"\n", args...)
	os.Exit(1)
}
