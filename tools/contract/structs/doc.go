// Package structs is what cgo makes of the structs of callkey.h, for the test that holds them to the
// header's layout. It is in no library: a test file can't use cgo itself.
package structs
