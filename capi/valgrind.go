//go:build valgrind

package main

import "runtime/debug"

// Memcheck's search for leaks breaks off where the collector gave memory out a second time. The
// environment could not stop it: see capi/runtime/environment.patch.
func init() { debug.SetGCPercent(-1) }
