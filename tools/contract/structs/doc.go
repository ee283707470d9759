// Package structs has the structs of callkey.h as cgo imports them, for the test of their
// layout. A test file cannot use cgo itself; no library contains this package.
package structs
