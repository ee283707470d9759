//go:build !pauses

package store

// pause is where another thread or process may come between.
func pause() {}
