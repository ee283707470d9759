package secrettest

import (
	"os"
	"syscall"
	"testing"
)

// Bordered makes n bytes in memory of their own, which ends the program beyond them: distance bytes
// after the border where it begins, or before the one where it ends.
func Bordered(t testing.TB, n, distance int, end bool) []byte {
	t.Helper()
	page := os.Getpagesize()
	room := (n + distance + page - 1) / page * page
	all, err := syscall.Mmap(-1, 0, room+2*page, syscall.PROT_NONE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(all) })
	inside := all[page:][:room]
	if room > 0 {
		if err := syscall.Mprotect(inside, syscall.PROT_READ|syscall.PROT_WRITE); err != nil {
			t.Fatal(err)
		}
	}
	if end {
		return inside[room-distance-n:][:n:n]
	}
	return inside[distance:][:n:n]
}
