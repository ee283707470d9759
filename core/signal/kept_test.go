package signal_test

import (
	"testing"

	"libcallkey/core/signal"
	"libcallkey/core/store"
)

// Rows 24 and 47: a number's message was opened and is kept; the number becomes an alias, and then
// it changes its owner. The message is still the old owner's: it opens as theirs, and as nobody
// else's.
func TestFault24KeptMessageStaysItsSenders(t *testing.T) {
	s, err := signal.OpenStore("", nil, store.Options{Memory: true, KeepOpened: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	us := &peer{s, signal.Address{Name: "999_1"}}
	number, lidA, lidB := signal.Address{Name: "1555"}, signal.Address{Name: "501_1"}, signal.Address{Name: "502_1"}
	a := newPeer(t, number)
	a.begin(t, us, true)
	c := a.seal(t, us, "key of A")
	us.mustOpen(t, a, c, "key of A")
	for _, owner := range []signal.Address{lidA, lidB} {
		if err := signal.Alias(s, number, owner); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []signal.Address{number, lidB} {
		if got, err := us.open(&peer{nil, name}, c); err == nil {
			t.Errorf("opens as %v's: %q", name, got)
		}
	}
	us.mustOpen(t, &peer{nil, lidA}, c, "key of A")
	if err := signal.Unalias(s, number); err != nil {
		t.Fatal(err)
	}
	if got, err := us.open(a, c); err == nil {
		t.Errorf("opens as the number's: %q", got)
	}
	if err := signal.Done(s, lidA, c.Bytes); err != nil {
		t.Fatal(err)
	}
	if got, err := us.open(&peer{nil, lidA}, c); err == nil {
		t.Errorf("opens again when it is done: %q", got)
	}
}
