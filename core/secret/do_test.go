package secret

import (
	"testing"
	"unsafe"
)

const (
	deep    = 24 << 10 // bytes of stack that the work in the test uses
	pattern = 0x5ec2e75ec2e75ec2
)

// If this failed, what worked on a secret would leave copies of it on the stack.
func TestDoClearsTheStack(t *testing.T) {
	if By == "nothing" {
		t.Fatal("built without protection")
	}
	done := make(chan int)
	for name, run := range map[string]func(){
		"work":             func() { Do(dirty) },
		"work inside work": func() { Do(func() { Do(dirty); dirty() }) },
	} {
		go func() { run(); done <- patterns() }()
		if n := <-done; n != 0 {
			t.Errorf("%s: %d words are left on the stack", name, n)
		}
	}
	go func() { dirty(); done <- patterns() }()
	if n := <-done; n < deep/8/2 {
		t.Errorf("without Do %d words are left on the stack: this test is blind", n)
	}
}

//go:noinline
func dirty() {
	var words [deep / 8]uint64
	for i := range words {
		words[i] = pattern
	}
	look(&words)
}

//go:noinline
func look(*[deep / 8]uint64) {}

// patterns counts them on the stack below its frame, as far as dirty reached.
//
//go:noinline
func patterns() (n int) {
	var here uint64
	for at := 8; at < deep; at += 8 {
		if *(*uint64)(unsafe.Add(unsafe.Pointer(&here), -at)) == pattern {
			n++
		}
	}
	return n
}
