// The race detector has a shadow of the memory that is too large to search.
//go:build !race

package sframe

import (
	"testing"

	"libcallkey/core/secret/secrettest"
)

// If this failed, a participant's media key would stay in memory inside the ciphers of every
// frame.
func TestNothingIsLeft(t *testing.T) {
	for name, run := range map[string]func(key []byte) error{
		"sealing": func(key []byte) error {
			_, err := Seal(nil, key, []byte("payload"), 1, 2)
			return err
		},
		"opening": func(key []byte) error {
			_, err := Open(nil, key, make([]byte, 60)) // whose trailer is none
			if err == nil {
				t.Error("zeros are a frame")
			}
			frame := append(make([]byte, 40), 1, 2, 3)
			_, err = Open(nil, key, frame)
			if err == nil {
				t.Error("what was not sealed opened")
			}
			return nil
		},
	} {
		s := secrettest.NewSearch(t)
		if s == nil {
			return
		}
		key := secrettest.Random(KeyBytes)
		s.For("the cipher's key", key[:16])
		if err := run(key); err != nil {
			t.Fatal(err)
		}
		clear(key)
		if left := s.Left(); left != nil {
			t.Errorf("%s leaves %q", name, left)
		}
	}
}
