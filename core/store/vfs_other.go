//go:build !linux

package store

// fileLayer is the part of a URI that names SQLite's file layer: its own.
func fileLayer() string { return "" }
