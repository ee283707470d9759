package secrettest

import (
	"crypto/rand"
	"slices"
	"testing"
)

var kept []byte

// If this failed, the tests that look for what is left of secrets would be blind, or find what
// nobody left.
func TestSearch(t *testing.T) {
	s := NewSearch(t)
	if s == nil {
		return
	}
	kept = make([]byte, 3<<20)
	for name, at := range map[string]int{"at the start": 0, "across two reads": 1<<20 - 7, "at an odd place": 2<<20 + 3} {
		rand.Read(kept[at : at+16])
		s.For(name, kept[at:at+16])
	}
	drop(s)
	wiped := Random(32)
	s.For("wiped", wiped)
	clear(wiped)
	left := s.Left()
	slices.Sort(left)
	if want := []string{"across two reads", "at an odd place", "at the start", "dropped"}; !slices.Equal(left, want) {
		t.Errorf("found %q, want %q", left, want)
	}
	clear(kept)
	if left := s.Left(); !slices.Equal(left, []string{"dropped"}) {
		t.Errorf("found %q, want the dropped one", left)
	}
}

func drop(s *Search) {
	dropped := Random(4096)
	s.For("dropped", dropped)
}
