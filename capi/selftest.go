//go:build !provoke

package main

import known "libcallkey/core/selftest"

// selftest is what callkey_selftest runs; provoke.go has its twin.
func selftest() error { return known.Run() }
