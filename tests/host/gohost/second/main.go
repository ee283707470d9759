// A second library in Go, as another vendor would build it, with an unpatched Go runtime.
package main

import "C"

//export second_sum
func second_sum(n C.int) C.int {
	parts := make(chan C.int)
	go func() {
		defer close(parts)
		for i := range n {
			if i%2 == 0 {
				continue
			}
			parts <- i
		}
	}()
	var sum C.int
	for i := C.int(0); i < n; i += 2 {
		sum += i
	}
	for part := range parts {
		sum += part
	}
	return sum
}

func main() {}
