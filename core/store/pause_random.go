//go:build pauses

package store

import (
	"math/rand/v2"
	"time"
)

// pause sleeps up to two milliseconds every other time, where another thread or process may come
// between: with it the long tests meet what is rare otherwise.
func pause() {
	if rand.IntN(2) == 0 {
		time.Sleep(rand.N(2 * time.Millisecond))
	}
}
